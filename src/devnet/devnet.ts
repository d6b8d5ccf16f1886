import { join } from 'node:path'
import { startSolanaDevnet } from './solana/solana-devnet.js'
import type { SolanaDevnet } from './solana/solana-devnet.js'

/** Where the app served beside it finds the networks: `/spicetime-devnet.json`. */
export interface DevnetFile {
  readonly solana?: { readonly url: string; readonly websocketUrl: string; readonly faucet: true }
}

/** Networks that run on this machine alone, for as long as this process. */
export interface Devnet {
  readonly file: DevnetFile
  /** For the terminal: what runs, and what does not and why. */
  readonly lines: readonly string[]
  close(): Promise<void>
}

export interface DevnetOptions {
  /** What the networks keep over restarts; one folder each. */
  readonly directory: string
}

/** As `solana-test-validator` has it, so that tools find it. */
const SOLANA_PORT = 8899

/** Starts what can be started here. A network that can't is told of, and the others run. */
export async function startDevnet({ directory }: DevnetOptions): Promise<Devnet> {
  const solana = await startSolana(join(directory, 'solana'))
  if (solana instanceof Error) {
    return { file: {}, lines: [`No Solana devnet: ${solana.message} Events that need consensus wait.`], close: () => Promise.resolve() }
  }
  const { url, websocketUrl } = solana
  return {
    file: { solana: { url, websocketUrl, faucet: true } },
    lines: [`Solana devnet: ${url} (embedded; its chain is kept in ${join(directory, 'solana')})`],
    close: () => solana.close(),
  }
}

/** On the usual port, else on a free one: another may run. */
async function startSolana(directory: string): Promise<SolanaDevnet | Error> {
  for (const port of [SOLANA_PORT, undefined]) {
    try {
      return await startSolanaDevnet({ directory, ...(port === undefined ? {} : { port }) })
    } catch (error) {
      if (port === undefined) return error instanceof Error ? error : new Error(String(error))
    }
  }
  return new Error('no port was free.')
}
