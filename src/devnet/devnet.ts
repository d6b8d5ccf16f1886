import { join } from 'node:path'
import { findProgram } from './binaries.js'
import { CALM_GOSSIP } from './holochain/conductor-config.js'
import { startHolochainDevnet } from './holochain/holochain-devnet.js'
import { placesOf, startIpfsDevnet } from './ipfs/ipfs-devnet.js'
import type { IpfsDevnet, IpfsPlaces } from './ipfs/ipfs-devnet.js'
import { howToGet } from './programs.js'
import { startSolanaDevnet } from './solana/solana-devnet.js'
import type { SolanaDevnet } from './solana/solana-devnet.js'

/** Where the app served beside it finds the networks: `/spicetime-devnet.json`. */
export interface DevnetFile {
  readonly solana?: { readonly url: string; readonly websocketUrl: string; readonly faucet: true }
  readonly holochain?: { readonly endpoint: string; readonly token: string }
  readonly ipfs?: IpfsPlaces
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
  /** Of the app that is served beside it: no other page may use this device's conductor. */
  readonly origins: readonly string[]
}

/** As `solana-test-validator` has it, so that tools find it. */
const SOLANA_PORT = 8899

/** Starts what can be started here. A network that can't is told of, and the others run. */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const parts = await Promise.all([solanaPart(join(options.directory, 'solana')), holochainPart(options), ipfsPart(options)])
  return {
    file: parts.reduce<DevnetFile>((all, { file }) => ({ ...all, ...file }), {}),
    lines: parts.flatMap(({ lines }) => lines),
    close: async () => {
      await Promise.all(parts.map((part) => part.close()))
    },
  }
}

function without(line: string): Devnet {
  return { file: {}, lines: [line], close: () => Promise.resolve() }
}

async function solanaPart(directory: string): Promise<Devnet> {
  const solana = await startSolana(directory)
  if (solana instanceof Error) return without(`No Solana devnet: ${solana.message} Events that need consensus wait.`)
  const { url, websocketUrl } = solana
  return {
    file: { solana: { url, websocketUrl, faucet: true } },
    lines: [`Solana devnet: ${url} (embedded; its chain is kept in ${directory})`],
    close: () => solana.close(),
  }
}

/** A bootstrap server; conductors start with the first device that asks. */
async function holochainPart({ directory, origins }: DevnetOptions): Promise<Devnet> {
  const missing = (['holochain', 'kitsune2-bootstrap-srv'] as const).filter((program) => findProgram(program) === undefined)
  if (missing.length > 0)
    return without(
      `No Holochain devnet: ${missing.join(' and ')} not found. Team events wait on each device; all else works. To get what is missing: ${howToGet(missing)}`,
    )
  try {
    const folder = join(directory, 'holochain')
    const devnet = await startHolochainDevnet({ directory: folder, origins, gossipEvery: CALM_GOSSIP })
    return {
      file: { holochain: { endpoint: devnet.endpoint, token: devnet.token } },
      lines: [`Holochain devnet: a conductor for each device that opens the app (kept in ${folder})`],
      close: () => devnet.close(),
    }
  } catch (error) {
    return without(`No Holochain devnet: ${error instanceof Error ? error.message : String(error)} Team events wait.`)
  }
}

const IPFS_LINES: Readonly<Record<IpfsDevnet['kind'], string>> = {
  kubo: 'a Kubo that every device pins at',
  embedded: 'an embedded Helia that every device pins at; a Kubo is taken instead where ipfs is found',
}

/** A peer that all devices share. */
async function ipfsPart({ directory, origins }: DevnetOptions): Promise<Devnet> {
  try {
    const folder = join(directory, 'ipfs')
    const devnet = await startIpfsDevnet({ directory: folder, origins })
    return {
      file: { ipfs: placesOf(devnet) },
      lines: [`IPFS devnet: ${IPFS_LINES[devnet.kind]} (kept in ${folder})`],
      close: () => devnet.close(),
    }
  } catch (error) {
    return without(`No IPFS devnet: ${error instanceof Error ? error.message : String(error)} Files stay on the device that added them.`)
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
