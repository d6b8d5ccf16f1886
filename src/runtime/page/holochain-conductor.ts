import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { PageAnswerer, RuntimeClient } from '../runtime-client.js'

/** What is used of an `AppClient` of @holochain/client: Moss gives one to its applets, and an extension with a conductor may. */
export interface HolochainClient {
  appInfo(): Promise<unknown>
  callZome(call: object, timeout?: number): Promise<unknown>
  createCloneCell(clone: object): Promise<unknown>
  on(event: 'signal', listener: (signal: object) => void): () => void
}

export interface HolochainConductorOptions {
  /** A client that the page was given; default: the launcher that the page was opened by. */
  readonly client?: HolochainClient
}

export interface HolochainConductorOffer {
  readonly by: 'client' | 'launcher'
  withdraw(): void
}

type Fields = Readonly<Record<string, unknown>>

const SERVICE = 'holochain-conductor'
/** What launchers leave in a page: https://github.com/holochain/holochain-client-js/blob/main/src/environments/launcher.ts */
const ENVIRONMENT = '__HC_LAUNCHER_ENV__'
const SIGNER = '__HC_ZOME_CALL_SIGNER__'
/** Milliseconds until a call counts as failed. */
const CALL_PATIENCE = 30_000
/** Milliseconds that a question for signals is held open. */
const HOLD = 15_000
/** Signals that wait for the next question; beyond them the oldest is let go, since none is ever the only way. */
const MOST_SIGNALS = 256

/**
 * Lets the runtime use the Holochain conductor of this page, where the network's settings say `endpoint: 'page'`: that of the launcher that opened the
 * page, which the runtime connects to by itself and whose signer it asks, or a client that the page was given, through which all goes then.
 * @throws SpiceTimeError CONDUCTOR_MISSING
 * @example
 * const runtime = await connect({ networks: { holochain: { endpoint: 'page' } } })
 * await offerHolochainConductor(runtime)
 */
export async function offerHolochainConductor(
  runtime: Pick<RuntimeClient, 'offer'>,
  { client }: HolochainConductorOptions = {},
): Promise<HolochainConductorOffer> {
  if (client !== undefined) {
    const signals = new Signals(client)
    const withdraw = await runtime.offer(SERVICE, (request, { signal }) => answerByClient(client, signals, { request, signal }))
    return {
      by: 'client',
      withdraw() {
        signals.stop()
        withdraw()
      },
    }
  }
  return { by: 'launcher', withdraw: await runtime.offer(SERVICE, launcher()) }
}

/** Whether this page was opened by a launcher that has a conductor and signs for it. */
export function hasHolochainLauncher(): boolean {
  return isMap(global(ENVIRONMENT)) && isSigner(global(SIGNER))
}

function launcher(): PageAnswerer {
  const environment = global(ENVIRONMENT)
  const signer = global(SIGNER)
  if (!isMap(environment) || !isSigner(signer)) throw missing()
  const { APP_INTERFACE_PORT: port, APP_INTERFACE_TOKEN: token } = environment
  if (typeof port !== 'number' || !(Array.isArray(token) || token instanceof Uint8Array)) throw missing()
  return async (request) => {
    const { kind, call } = fieldsOf(request)
    if (kind === 'open') return { by: 'launcher', url: `ws://localhost:${port}`, token: Uint8Array.from(token) }
    if (kind !== 'sign' || !isMap(call)) throw unknownRequest()
    const { bytes, signature } = fieldsOf(await signer.signZomeCall(call))
    return { bytes, signature }
  }
}

interface Asked {
  readonly request: unknown
  readonly signal: AbortSignal
}

async function answerByClient(client: HolochainClient, signals: Signals, { request, signal }: Asked): Promise<unknown> {
  const fields = fieldsOf(request)
  switch (fields['kind']) {
    case 'open':
      return { by: 'client' }
    case 'cell':
      return await cellOf(client, fields)
    case 'call':
      return { answer: await client.callZome(fieldsOf(fields['call']), CALL_PATIENCE) }
    case 'signals':
      return { signals: await signals.take(signal) }
    default:
      throw unknownRequest()
  }
}

/** The clone with that network seed, made when there is none. */
async function cellOf(client: HolochainClient, { role, seed, properties }: Fields): Promise<unknown> {
  if (typeof role !== 'string' || typeof seed !== 'string') throw unknownRequest()
  const cells = fieldsOf(fieldsOf(await client.appInfo())['cell_info'])[role]
  if (!Array.isArray(cells)) throw otherApp(role)
  const known = cells.map((cell) => fieldsOf(fieldsOf(cell)['value'])).find((cell) => seedOf(cell) === seed && 'clone_id' in cell)
  const cell = known ?? fieldsOf(await client.createCloneCell({ role_name: role, modifiers: { network_seed: seed, properties } }))
  const id = cell['cell_id']
  if (!Array.isArray(id)) throw otherApp(role)
  return { dna: bytesOf(id[0]), agent: bytesOf(id[1]) }
}

function seedOf(cell: Fields): unknown {
  const modifiers = cell['dna_modifiers']
  return isMap(modifiers) ? modifiers['network_seed'] : undefined
}

/** Signals as they come, until the runtime asks for them. */
class Signals {
  readonly stop: () => void
  #waiting: readonly unknown[] = []
  #wake: (() => void) | undefined

  constructor(client: HolochainClient) {
    this.stop = client.on('signal', (signal) => this.#add(signal))
  }

  async take(signal: AbortSignal): Promise<readonly unknown[]> {
    if (this.#waiting.length === 0) await this.#some(signal)
    const taken = this.#waiting
    this.#waiting = []
    return taken
  }

  #some(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      for (const over of [signal, AbortSignal.timeout(HOLD)]) over.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  #add(signal: unknown): void {
    const { type, value } = fieldsOf(signal)
    if (type !== 'app' || !isMap(value)) return
    const { cell_id: cell, payload } = value
    if (!Array.isArray(cell)) return
    this.#waiting = [...this.#waiting.slice(1 - MOST_SIGNALS), { dna: bytesOf(cell[0]), payload }]
    this.#wake?.()
  }
}

function global(name: string): unknown {
  return Reflect.get(globalThis, name)
}

function isSigner(value: unknown): value is { signZomeCall(call: object): Promise<unknown> } {
  return isMap(value) && typeof value['signZomeCall'] === 'function'
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function fieldsOf(value: unknown): Fields {
  return isMap(value) ? value : {}
}

/** A copy: what a client gives may be a view into more. */
function bytesOf(value: unknown): unknown {
  return value instanceof Uint8Array ? new Uint8Array(value) : value
}

function unknownRequest(): SpiceTimeError {
  return new SpiceTimeError('PROTOCOL_MISMATCH', 'The runtime asked for what this page does not know. Reload the page.')
}

function otherApp(role: string): SpiceTimeError {
  return new SpiceTimeError(
    'NETWORK_VERSION_UNSUPPORTED',
    `The conductor's app is another one: it has no cells of the role '${role}'. Install holochain/spicetime.happ of this version in it.`,
    { network: 'holochain' },
  )
}

function missing(): SpiceTimeError {
  return new SpiceTimeError(
    'CONDUCTOR_MISSING',
    `No launcher has opened this page: ${ENVIRONMENT} with a port and a token, and ${SIGNER}, are not there. Open the app in a Holochain launcher, or give { client }.`,
  )
}
