import type { BrowserContext } from '@playwright/test'
import type { IpfsPlaces } from '../../src/devnet/ipfs/ipfs-devnet.js'
import { startSolanaDevnet } from '../../src/devnet/solana/solana-devnet.js'
import type { SolanaDevnet } from '../../src/devnet/solana/solana-devnet.js'
import { test as base } from '../fixtures/pages.js'

/** Long enough that two people who act at once are in one slot. */
const SLOT_MILLISECONDS = 800

/** Playwright's `test` with a chain on this machine. */
export const test = base.extend<{ readonly devnet: SolanaDevnet }>({
  devnet: async ({}, use) => {
    const devnet = await startSolanaDevnet({ slotMilliseconds: SLOT_MILLISECONDS, finalityDepth: 3 })
    await use(devnet)
    await devnet.close()
  },
})

/** Serves what `npm start` serves beside the app: where the chain is, and the IPFS peer if there is one. */
export async function offer(context: BrowserContext, { url, websocketUrl }: SolanaDevnet, ipfs?: IpfsPlaces): Promise<void> {
  const file = { solana: { url, websocketUrl, faucet: true }, ...(ipfs === undefined ? {} : { ipfs }) }
  await context.route('**/spicetime-devnet.json', (route) => route.fulfill({ json: file }))
}

export { expect } from '@playwright/test'
