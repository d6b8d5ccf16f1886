import { mergeTests } from '@playwright/test'
import type { Page } from '@playwright/test'
import { placesOf } from '../../src/devnet/ipfs/ipfs-devnet.js'
import { hasPrograms } from '../../src/devnet/binaries.js'
import { withStorage } from '../board/shared-file.js'
import { test as appTest } from '../promises/runtime-page.js'
import { expect, test as devnetTest } from './devnet.js'

const test = mergeTests(devnetTest, appTest)

/** Conductors that have just started find each other within seconds, on a busy machine within a minute or two. */
const PATIENCE = { timeout: 150_000 }
const BYTES = 200 * 1024

test('a put of 200 KiB by an app that embeds the runtime: refused without storage, with it on the other device', async ({
  device,
  launchDevice,
  devnet,
  appUrl,
}) => {
  test.skip(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv', 'ipfs']), 'no conductor or no Kubo on this machine')
  test.setTimeout(420_000)
  await withStorage('kubo', async (storage) => {
    const { endpoint, token } = devnet
    const { peer, gateway, pins } = placesOf(storage)
    const holochain = { endpoint, token, confirmedBy: 1, finalBy: 1 }
    const ada = await device.open(appUrl)
    const ben = await (await launchDevice()).open(appUrl)
    for (const page of [ada, ben])
      await page.evaluate(async (network) => await (await globalThis.app.runtime).configureNetworks({ holochain: network }), holochain)
    const invite = await ada.evaluate(async () => {
      const runtime = await globalThis.app.runtime
      return await runtime.invite((await runtime.createSpace({ name: 'Shared', id: 'shared' })).id)
    })
    const put = (): Promise<unknown> =>
      ada.evaluate(
        async (bytes) =>
          await globalThis.app.refused((runtime) =>
            runtime.submitEvent({ path: 'shared/surveys/1', op: 'put', value: { text: 'x'.repeat(bytes) } }),
          ),
        BYTES,
      )
    expect(await put()).toMatchObject({ code: 'EVENT_TOO_LARGE', message: expect.stringMatching(/keeps content.*IPFS/) })
    expect(await lengthOn(ada)).toBe(0)

    const ipfs = { peers: [peer], gateways: [gateway], pins: [pins] }
    for (const page of [ada, ben])
      await page.evaluate(async (settings) => await (await globalThis.app.runtime).configureNetworks(settings), { holochain, ipfs })
    expect(await put()).toBeUndefined()
    expect(await lengthOn(ada)).toBe(BYTES)
    await ben.evaluate(async (secret) => await (await globalThis.app.runtime).joinSpace(secret), invite)
    await expect.poll(() => lengthOn(ben), PATIENCE).toBe(BYTES)
    await ada.reload()
    expect(await lengthOn(ada)).toBe(BYTES)
  })
})

function lengthOn(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const [value] = await globalThis.app.values(['shared/surveys/1/text'])
    return typeof value === 'string' ? value.length : 0
  })
}
