import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHolochainDevnet } from '../../../../devnet/holochain/holochain-devnet.js'
import type { HolochainDevnet, HolochainDevnetOptions } from '../../../../devnet/holochain/holochain-devnet.js'

export interface TestDevnet extends HolochainDevnet {
  /** Each device's conductor keeps its files in the folder of its name below this one. */
  readonly directory: string
}

/** A devnet whose data goes away with it. */
export async function startTestDevnet(options: Omit<HolochainDevnetOptions, 'directory'> = {}): Promise<TestDevnet> {
  const directory = mkdtempSync(join(tmpdir(), 'spicetime-holochain-'))
  const devnet = await startHolochainDevnet({ ...options, directory })
  return {
    ...devnet,
    directory,
    async close() {
      await devnet.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
