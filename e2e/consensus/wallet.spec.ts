import type { Page } from '@playwright/test'
import type { SolanaDevnet } from '../../src/devnet/solana/solana-devnet.js'
import type { Device } from '../fixtures/pages.js'
import { servePage } from '../fixtures/served-page.js'
import { expect, test as base } from './devnet.js'

const test = base.extend<{ readonly appUrl: string }>({
  appUrl: async ({}, use) => {
    const { url, close } = await servePage(new URL('./page', import.meta.url), 'wallet')
    await use(url)
    await close()
  },
})

test('a wallet in the page pays: events wait for it, through a refusal and a closed page, and each is on the chain once', async ({
  device,
  devnet,
  appUrl,
}) => {
  test.setTimeout(120_000)
  const first = await start(device, appUrl, devnet)
  const waiting = await submit(first, 1)
  await expect.poll(() => reason(first)).toContain('solana-wallet')
  expect(await first.evaluate((id) => walletApp.level(id), waiting)).toBe('local')

  const address = await first.evaluate(() => walletApp.offer())
  await devnet.airdrop(address, 1_000_000_000)
  await first.evaluate((id) => walletApp.reached(id), waiting)
  expect(await reason(first)).toBeUndefined()

  // The person declines: the page no longer offers the wallet, and nothing is asked again until it does.
  const asked = await first.evaluate(() => {
    walletApp.wallet.declines = true
    return walletApp.wallet.asked
  })
  const declined = await submit(first, 2)
  await expect.poll(() => first.evaluate(() => walletApp.withdrawn())).toBe('WALLET_DECLINED')
  await expect.poll(() => reason(first)).toContain('solana-wallet')
  expect(await first.evaluate(() => walletApp.wallet.asked)).toBe(asked + 1)
  await first.evaluate(() => void (walletApp.wallet.declines = false))
  await first.evaluate(() => walletApp.offer())
  await first.evaluate((id) => walletApp.reached(id), declined)

  // The page with the wallet goes away; another one of the app has none to offer.
  const second = await start(device, appUrl, devnet)
  await first.close()
  const alone = await submit(second, 3)
  await expect.poll(() => reason(second)).toContain('solana-wallet')
  expect(await second.evaluate((id) => walletApp.level(id), alone)).toBe('local')
  expect(await second.evaluate(() => walletApp.offer())).toBe(address)
  await second.evaluate((id) => walletApp.reached(id), alone)

  const memos = await memosPaidBy(address, devnet.url)
  expect(memos.length).toBeGreaterThanOrEqual(3)
  expect(new Set(memos).size).toBe(memos.length)
  expect(device.problems).toEqual([])
})

async function start(device: Device, url: string, { url: cluster, websocketUrl }: SolanaDevnet): Promise<Page> {
  const page = await device.context.newPage()
  await page.goto(url)
  await page.evaluate(([rpc, websocket]) => walletApp.start(rpc, websocket), [cluster, websocketUrl] as const)
  return page
}

function submit(page: Page, value: number): Promise<string> {
  return page.evaluate((count) => walletApp.submit(`paid/tasks/${count}`, count), value)
}

async function reason(page: Page): Promise<string | undefined> {
  return (await page.evaluate(() => walletApp.solana()))?.reason
}

/** What is on the chain in the name of an account. */
async function memosPaidBy(address: string, url: string): Promise<readonly string[]> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getSignaturesForAddress', params: [address, { commitment: 'confirmed' }] })
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const { result } = (await response.json()) as { readonly result: readonly { readonly memo: string | null }[] }
  return result.flatMap(({ memo }) => memo ?? [])
}
