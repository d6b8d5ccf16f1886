import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHolochainDevnet } from '../../../../devnet/holochain/holochain-devnet.js'
import type { HolochainDevnet } from '../../../../devnet/holochain/holochain-devnet.js'

/** A devnet whose data goes away with it. */
export async function startTestDevnet(): Promise<HolochainDevnet> {
  const directory = mkdtempSync(join(tmpdir(), 'spicetime-holochain-'))
  const devnet = await startHolochainDevnet({ directory })
  return {
    ...devnet,
    async close() {
      await devnet.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
