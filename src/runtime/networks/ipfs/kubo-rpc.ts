import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import { carOf } from './car.js'
import { isMap, PinRequests } from './pin-requests.js'
import type { PinServiceParts } from './pin-requests.js'
import type { PinRequest, PinService, PinState } from './pin-service.js'

type Block = PinRequest['blocks'] extends () => AsyncIterable<infer B> ? B : never
type Query = Record<string, string>
type Signal = { readonly signal?: AbortSignal | undefined }

/** Of one upload: browsers send no streams to a server of HTTP/1.1, so it lies in memory as a whole. */
const UPLOAD_BYTES = 4 * 1024 * 1024
/** Calls at a time; browsers open six connections to a host. */
const AT_ONCE = 4
/** From this many on, one list of all pins is cheaper than a question for each. */
const ASK_EACH = 32
const NOT_PINNED = /not pinned/
const LACKS_BLOCKS = /not found locally|could not find/

/**
 * A Kubo by its RPC: https://docs.ipfs.tech/reference/kubo/rpc/. It keeps one name for a CID: the last one asked for.
 * A Kubo that wants a token (`API.Authorizations`) serves programs alone: it refuses what browsers ask before a call with a header.
 */
export class KuboPins implements PinService {
  readonly name: string
  readonly #requests: PinRequests

  constructor(parts: PinServiceParts) {
    this.#requests = new PinRequests(parts)
    this.name = this.#requests.name
  }

  async pin(request: PinRequest, options: Signal = {}): Promise<void> {
    if (await this.#pinHere(request, options)) return
    // A Kubo that can dial this device gets the blocks by itself, and only those that it lacks.
    if (request.origins.length > 0) return this.#pinFromPeers(request, options)
    await this.#handOver(request, options)
    if (!(await this.#pinHere(request, options))) await this.#pinFromPeers(request, options)
  }

  async states(cids: readonly string[], options: Signal = {}): Promise<ReadonlyMap<string, PinState>> {
    const states = new Map<string, PinState>(cids.map((cid) => [cid, 'absent']))
    if (cids.length >= ASK_EACH) {
      for await (const { cid } of this.#pins({}, options)) if (states.has(cid)) states.set(cid, 'pinned')
      return states
    }
    const look = async (cid: string): Promise<void> => {
      if (await unless(NOT_PINNED, () => this.#ask('pin/ls', { arg: cid, type: 'recursive' }, options))) states.set(cid, 'pinned')
    }
    for (let at = 0; at < cids.length; at += AT_ONCE) await Promise.all(cids.slice(at, at + AT_ONCE).map(look))
    return states
  }

  async *named(name: string, options: Signal = {}): AsyncGenerator<string> {
    // Kubo's own filter takes names that only contain it.
    for await (const pin of this.#pins({ name }, options)) if (pin.name === name) yield pin.cid
  }

  async unpin(cid: string, options: Signal = {}): Promise<void> {
    await unless(NOT_PINNED, () => this.#ask('pin/rm', { arg: cid }, options))
  }

  #ask(command: string, query: Query, { signal }: Signal): Promise<unknown> {
    return this.#requests.json({ path: pathOf(command, query), signal })
  }

  /** Whether it has all blocks already. */
  #pinHere({ cid, name }: PinRequest, options: Signal): Promise<boolean> {
    return unless(LACKS_BLOCKS, () => this.#ask('pin/add', { arg: cid, name, offline: 'true' }, options))
  }

  /** Keeps waiting for as long as blocks come in. */
  async #pinFromPeers({ cid, name, origins }: PinRequest, { signal }: Signal): Promise<void> {
    for (const origin of origins) await unless(/./, () => this.#ask('swarm/connect', { arg: origin }, { signal }))
    let before = 0
    let done = false
    // It writes a line each half second, whether or not anything came.
    const moved = (line: unknown): boolean => {
      const progress = isMap(line) && typeof line['Progress'] === 'number' ? line['Progress'] : 0
      const more = progress > before
      before = Math.max(before, progress)
      return more
    }
    const path = pathOf('pin/add', { arg: cid, name, progress: 'true' })
    for await (const line of this.#requests.lines({ path, signal }, moved)) if (isMap(line) && Array.isArray(line['Pins'])) done = true
    // What goes wrong after the first line comes in a trailer, which nobody can read from here.
    if (!done) throw this.#requests.failure('NETWORK_UNAVAILABLE', 'could not get all blocks of what it was to pin. It is asked again.')
  }

  async #handOver({ cid, blocks }: PinRequest, { signal }: Signal): Promise<void> {
    for await (const batch of batches(blocks())) {
      const body = new FormData()
      body.append('file', new Blob(carOf(cid, batch)))
      await this.#requests.json({ path: pathOf('dag/import', { 'pin-roots': 'false' }), body, signal })
    }
  }

  async *#pins(query: Query, { signal }: Signal): AsyncGenerator<{ readonly cid: string; readonly name: string }> {
    const path = pathOf('pin/ls', { type: 'recursive', stream: 'true', names: 'true', ...query })
    for await (const line of this.#requests.lines({ path, signal })) {
      if (!isMap(line) || typeof line['Cid'] !== 'string') throw this.#requests.unreadable()
      yield { cid: line['Cid'], name: typeof line['Name'] === 'string' ? line['Name'] : '' }
    }
  }
}

function pathOf(command: string, query: Query): string {
  return `api/v0/${command}?${new URLSearchParams(query).toString()}`
}

/** False where it failed for that reason: Kubo answers every failure of a command with status 500 and a sentence. */
async function unless(reason: RegExp, run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    if (isSpiceTimeError(error, 'NETWORK_UNAVAILABLE') && error.context['status'] === 500 && reason.test(error.message)) return false
    throw error
  }
}

async function* batches(blocks: AsyncIterable<Block>): AsyncGenerator<readonly Block[]> {
  let batch: Block[] = []
  let bytes = 0
  for await (const block of blocks) {
    batch.push(block)
    bytes += block.bytes.length
    if (bytes < UPLOAD_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}
