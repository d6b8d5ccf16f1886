import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import { CONTROL_PATH, serveControl } from './control.js'
import type { Controlled } from './control.js'
import { DevnetNode } from './devnet-node.js'
import { answerFrom } from './rpc/dispatch.js'
import { serveHttp } from './rpc/http-server.js'
import { checkAddress } from './rpc/params.js'
import { requestAirdrop } from './rpc/transaction-methods.js'
import { PubSubServer } from './rpc/websocket-server.js'
import type { SolanaPeer } from './solana-peer.js'
import type { Switches } from './switches.js'

export interface SolanaDevnetOptions {
  /** Of HTTP; the websocket has the next one. Left out: a free pair. */
  readonly port?: number
  /** Where blocks are kept over restarts. Left out: in memory, with a genesis of its own. */
  readonly directory?: string
  /** Default 400, as on the real clusters. */
  readonly slotMilliseconds?: number
  /** Slots from processed to finalized. Default 32. */
  readonly finalityDepth?: number
  /** Slots from processed to confirmed. Default 1. */
  readonly confirmationDepth?: number
  /** No slot passes by itself: `step` makes them. */
  readonly manual?: boolean
}

/** What happens to the transactions of slots that are rolled back: gone for good, or landing anew in the next slot, in the reverse order. */
export type Fate = 'vanish' | 'again'

/** The embedded devnet. Whatever is asked of it over its control endpoint (`controlUrl`) is a method here. */
export interface SolanaDevnet extends SolanaPeer {
  readonly kind: 'embedded'
  /** `POST {"do":"step","slots":1}`, `{"do":"set","switches":{…}}`, `{"do":"rollBack","slots":1,"fate":"vanish"}`, `{"do":"exchange"}`; `GET` tells. */
  readonly controlUrl: string
  genesisHash(): string
  /** Replaces the named switches. */
  set(switches: Partial<Switches>): void
  /** Takes the newest slots back, as a fork does, at most down to the finalized one; the next slots have new numbers, hashes and blocks. */
  rollBack(slots: number, fate: Fate): void
  /** Wipes the chain: another genesis under the same URL, balances and history gone. */
  exchange(): void
  /** Lamports from the faucet to the address, landed in a slot, which manual mode makes. Returns the signature. */
  airdrop(address: string, lamports: number): Promise<string>
}

/** How often a free pair of neighbouring ports is looked for. */
const PORT_TRIES = 20

/** @throws SpiceTimeError DEVNET_FAILED when litesvm's native module can't be loaded here, the directory can't be read, or the ports are taken */
export async function startSolanaDevnet(options: SolanaDevnetOptions = {}): Promise<SolanaDevnet> {
  const manual = options.manual ?? false
  const node = await DevnetNode.start({
    directory: options.directory,
    slotMilliseconds: options.slotMilliseconds ?? 400,
    finalityDepth: options.finalityDepth ?? 32,
    confirmationDepth: options.confirmationDepth ?? 1,
    manual,
  })
  const pubSub = new PubSubServer({ subscriptions: () => node.subscriptions, switches: () => node.switches })
  const controlled = controlOf(node, pubSub)
  const serve = listenerOf(node, controlled)
  let servers: readonly Server[]
  try {
    servers = await listen(options.port, serve)
  } catch (error) {
    node.close()
    throw error
  }
  for (const server of servers) server.on('upgrade', pubSub.upgrade)
  const port = portOf(servers[0])
  return {
    kind: 'embedded',
    url: `http://127.0.0.1:${port}`,
    websocketUrl: `ws://127.0.0.1:${port + 1}`,
    controlUrl: `http://127.0.0.1:${port}${CONTROL_PATH}`,
    genesisHash: () => node.chain.genesisHash,
    step: (slots = 1) => node.step(slots),
    set: (switches) => controlled.set(switches),
    rollBack: (slots, fate) => controlled.rollBack(slots, fate),
    exchange: () => controlled.exchange(),
    airdrop: async (address, lamports) => {
      const signature = requestAirdrop(node.chain, checkAddress(address), lamports)
      while (node.chain.history.find(signature) === undefined) await node.step(1)
      return signature
    },
    close: async () => {
      node.close()
      pubSub.cut()
      await Promise.all(servers.map(shut))
    },
  }
}

function controlOf(node: DevnetNode, pubSub: PubSubServer): Controlled {
  return {
    state: () => ({
      genesisHash: node.chain.genesisHash,
      slots: { processed: node.chain.head.slot, confirmed: node.chain.at('confirmed').slot, finalized: node.chain.at('finalized').slot },
      switches: node.switches,
    }),
    step: (slots) => node.step(slots),
    set: (switches) => {
      node.set(switches)
      if (switches.down === true || switches.websocket === 'refused') pubSub.cut()
    },
    rollBack: (slots, fate) => void node.chain.rollBack(node.chain.head.height - slots, fate),
    exchange: () => {
      node.exchange()
      pubSub.cut()
    },
  }
}

function listenerOf(node: DevnetNode, controlled: Controlled): RequestListener {
  const options = { answer: answerFrom(node), switches: () => node.switches, spend: node.spend }
  return (request, response) => {
    const served = request.url === CONTROL_PATH ? serveControl(request, response, controlled) : serveHttp(request, response, options)
    served.catch((error: unknown) => fail(request, response, error))
  }
}

/** A request that broke off needs no answer; anything else is told to who asked. */
function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (request.destroyed || response.headersSent) return void response.destroy()
  response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(error instanceof Error ? error.message : String(error))
}

/** Servers on the port and its neighbour. @throws SpiceTimeError DEVNET_FAILED */
async function listen(port: number | undefined, serve: RequestListener): Promise<readonly Server[]> {
  for (let tries = 1; ; tries++) {
    const servers: Server[] = []
    try {
      servers.push(await open(port ?? 0, serve))
      servers.push(await open(portOf(servers[0]) + 1, serve))
      return servers
    } catch (error) {
      await Promise.all(servers.map(shut))
      const taken = port ?? 'a free pair of ports'
      if (port !== undefined || tries === PORT_TRIES || !isTaken(error)) {
        throw new SpiceTimeError(
          'DEVNET_FAILED',
          `The Solana devnet could not listen on ${taken} of 127.0.0.1: end what uses it, or name another port.`,
          {},
          error,
        )
      }
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

function open(port: number, serve: RequestListener): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(serve)
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

function portOf(server: Server | undefined): number {
  const address: AddressInfo | string | null | undefined = server?.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
