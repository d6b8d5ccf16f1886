import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext } from '@playwright/test'
import { startHolochainDevnet } from '../../src/devnet/holochain/holochain-devnet.js'
import type { HolochainDevnet } from '../../src/devnet/holochain/holochain-devnet.js'
import { placesOf } from '../../src/devnet/ipfs/ipfs-devnet.js'
import type { IpfsDevnet } from '../../src/devnet/ipfs/ipfs-devnet.js'
import { test as base } from '../fixtures/pages.js'

/** Playwright's `test` with a bootstrap server on this machine, and a real conductor for each device that asks. */
export const test = base.extend<{ readonly devnet: HolochainDevnet }>({
  devnet: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'spicetime-holochain-'))
    const devnet = await startHolochainDevnet({ directory })
    await use(devnet)
    await devnet.close()
    await rm(directory, { recursive: true, force: true })
  },
})

/** Serves what `npm start` serves beside the app: where the conductors are, and the IPFS peer if there is one. */
export async function offer(context: BrowserContext, { endpoint, token }: HolochainDevnet, storage?: IpfsDevnet): Promise<void> {
  const ipfs = storage === undefined ? {} : { ipfs: placesOf(storage) }
  await context.route('**/spicetime-devnet.json', (route) => route.fulfill({ json: { holochain: { endpoint, token }, ...ipfs } }))
}

export { expect } from '@playwright/test'
