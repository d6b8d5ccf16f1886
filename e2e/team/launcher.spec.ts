import { randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import { hasPrograms } from '../../src/devnet/binaries.js'
import type { Device } from '../fixtures/pages.js'
import { servePage } from '../fixtures/served-page.js'
import { expect, test as base } from './devnet.js'
import type {} from './page/launcher-app.js'

const PATIENCE = { timeout: 60_000 }
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

const test = base.extend<{ readonly appUrl: string }>({
  appUrl: async ({}, use) => {
    const { url, close } = await servePage(new URL('./page', import.meta.url), 'launcher')
    await use(url)
    await close()
  },
})

test("a launcher's conductor and a client that the page was given serve in place of our own", async ({
  device,
  launchDevice,
  devnet,
  appUrl,
}) => {
  test.skip(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']), 'no conductor on this machine')
  test.setTimeout(420_000)
  const start = (one: Device): Promise<Page> => open(one, appUrl, devnet)
  const [ada, ben] = [await start(device), await start(await launchDevice())]
  expect(await ada.evaluate(() => launcherApp.refusal())).toEqual([false, 'CONDUCTOR_MISSING'])
  const [space, invite] = await ada.evaluate(() => launcherApp.create())
  await ben.evaluate((link) => launcherApp.join(link), invite)

  // Nobody offers a conductor yet: all waits on the device, and says for what.
  await ada.evaluate((path) => launcherApp.put(path, 'from a launcher'), `${space}/tasks/1`)
  await expect.poll(() => reason(ada), PATIENCE).toContain('open the app in its launcher')
  expect(await ada.evaluate(() => launcherApp.offer('launcher'))).toBe('launcher true')
  expect(await ben.evaluate(() => launcherApp.offer('client'))).toBe('client false')
  await expect.poll(() => get(ben, `${space}/tasks/1`), PATIENCE).toBe('from a launcher')
  await ben.evaluate((path) => launcherApp.put(path, 'from a client'), `${space}/tasks/2`)
  await expect.poll(() => get(ada, `${space}/tasks/2`), PATIENCE).toBe('from a client')
  // Both nodes are there by now: what is written goes to the other one at once, and it says that it holds it.
  const held = await ada.evaluate((path) => launcherApp.put(path, 'held by both'), `${space}/tasks/3`)
  await ada.evaluate((id) => launcherApp.reached(id), held)
  expect(await ada.evaluate(() => launcherApp.signed())).toBeGreaterThan(0)

  await ben.evaluate(() => launcherApp.withdraw())
  await expect.poll(() => reason(ben), PATIENCE).toContain('open the app in its launcher')
  await ben.evaluate((path) => launcherApp.put(path, 'written meanwhile'), `${space}/tasks/4`)
  await ben.evaluate(() => launcherApp.offer('client'))
  await expect.poll(() => get(ada, `${space}/tasks/4`), PATIENCE).toBe('written meanwhile')
  expect(device.problems).toEqual([])
})

async function open(
  device: Device,
  url: string,
  { endpoint, token }: { readonly endpoint: string; readonly token: string },
): Promise<Page> {
  const page = await device.context.newPage()
  await page.goto(url)
  // 32 bytes are 51 letters of five bits, and one of the last bit.
  const name = `${Array.from(randomBytes(51), (byte) => ALPHABET[byte % 32]).join('')}a`
  await page.evaluate((place) => launcherApp.start(place), { endpoint, token, device: name })
  return page
}

async function reason(page: Page): Promise<string | undefined> {
  return (await page.evaluate(() => launcherApp.holochain()))?.reason
}

function get(page: Page, path: string): Promise<unknown> {
  return page.evaluate((at) => launcherApp.get(at), path)
}
