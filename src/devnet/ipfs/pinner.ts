import { CID } from 'multiformats/cid'
import type { Helia } from 'helia'
import { fetchDag, isWhole, walkOnce } from './dag-fetch.js'
import type { DagLimits } from './dag-fetch.js'
import type { HeliaPeer } from './helia-peer.js'
import type { PinLedger, PinOutcome, PinRecord } from './pin-ledger.js'

export interface PinnerParts {
  readonly peer: HeliaPeer
  readonly ledger: PinLedger
  /** Of one pin. */
  readonly limits: DagLimits
  /** Of all pins together. */
  readonly mostBytes: number
}

interface Run {
  readonly ended: AbortController
  readonly done: Promise<void>
}

const AT_ONCE = 8
const MOST_REASON = 300

/** Makes the ledger's requests true: fetches what is queued, pins it in Helia, and lets go of what nobody wants pinned any more. */
export class Pinner {
  readonly #parts: PinnerParts
  readonly #helia: Helia
  readonly #runs = new Map<string, Run>()
  /** Bytes that runs have so far. */
  #fetched = 0
  readonly #stopping = new AbortController()
  /** Helia's pins and blocks are changed by one at a time. */
  #turn: Promise<unknown> = Promise.resolve()
  #started: Promise<void> = Promise.resolve()
  /** Whether there may be blocks that no pin needs. */
  #littered = true

  constructor(parts: PinnerParts) {
    this.#parts = parts
    this.#helia = parts.peer.helia
  }

  /** Goes on with what an earlier process had not done, and looks whether what it had pinned is still there. */
  start(): void {
    this.#started = this.#resume().then(
      () => this.wake(),
      () => this.wake(),
    )
  }

  /** A request was added. */
  wake(): void {
    if (this.#stopping.signal.aborted) return
    const queued = this.#parts.ledger.all().filter(({ requestId, status }) => status === 'queued' && !this.#runs.has(requestId))
    for (const record of queued.slice(0, AT_ONCE - this.#runs.size)) this.#begin(record)
    if (this.#runs.size === 0 && this.#littered) void this.#collect()
  }

  /** Forgets a request; what no other one wants is let go of. */
  async remove({ requestId, cid }: PinRecord): Promise<void> {
    const { ledger } = this.#parts
    const run = this.#runs.get(requestId)
    run?.ended.abort(new Error('It is not wanted any more.'))
    await run?.done
    await this.#inTurn(async () => {
      if (ledger.get(requestId) === undefined) return
      const others = ledger.all().filter((record) => record.cid === cid && record.requestId !== requestId)
      if (others.every(({ status }) => status === 'failed')) await this.#unpin(CID.parse(cid))
      await ledger.remove(requestId)
      // One that began meanwhile.
      this.#runs.get(requestId)?.ended.abort()
    })
    this.#littered = true
    this.wake()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#started
    await Promise.all([...this.#runs.values()].map(({ done }) => done))
    await this.#turn
  }

  async #resume(): Promise<void> {
    const { ledger } = this.#parts
    for (const { requestId, status } of ledger.all()) if (status === 'pinning') await ledger.become(requestId, { status: 'queued' })
    for (const { requestId, status, cid, bytes } of ledger.all()) {
      if (this.#stopping.signal.aborted) return
      // One without a size is an earlier version's: it gets one.
      if (status === 'pinned' && (bytes === undefined || !(await isWhole(CID.parse(cid), this.#helia))))
        await ledger.become(requestId, { status: 'queued' })
    }
  }

  #begin(record: PinRecord): void {
    const ended = new AbortController()
    const signal = AbortSignal.any([ended.signal, this.#stopping.signal])
    const done = this.#pin(record, signal).finally(() => {
      this.#runs.delete(record.requestId)
      this.wake()
    })
    this.#runs.set(record.requestId, { ended, done })
  }

  /** Never rejects: what went wrong is the outcome. */
  async #pin({ requestId, cid, origins }: PinRecord, signal: AbortSignal): Promise<void> {
    const { ledger, peer } = this.#parts
    const tell = (outcome: PinOutcome): Promise<void> => ledger.become(requestId, outcome).catch(() => undefined)
    try {
      // Nothing is collected between the first block and the pin.
      await this.#inTurn(() => undefined)
      await ledger.become(requestId, { status: 'pinning' })
      await peer.connect(origins, signal)
      const root = CID.parse(cid)
      await this.#fetch(root, signal, async (bytes) => {
        await this.#inTurn(async () => {
          if (ledger.get(requestId) !== undefined) await this.#keep(root)
        })
        await ledger.become(requestId, { status: 'pinned', bytes })
      })
    } catch (error) {
      this.#littered = true
      // What was stopped goes on with the next start.
      if (!signal.aborted) await tell({ status: 'failed', reason: reasonOf(error) })
    }
  }

  /** What is fetched counts beside all that is pinned, until the ledger counts it. */
  async #fetch(root: CID, signal: AbortSignal, keep: (bytes: number) => Promise<void>): Promise<void> {
    const { ledger, limits, mostBytes } = this.#parts
    let taken = 0
    const onBytes = (bytes: number): void => {
      taken += bytes
      this.#fetched += bytes
      if (ledger.bytes(root.toString()) + this.#fetched > mostBytes)
        throw new Error(`There is no room for it: all pins together have at most ${mostBytes} bytes. Remove some.`)
    }
    try {
      await keep(await fetchDag(root, { helia: this.#helia, limits, signal, onBytes }))
    } finally {
      this.#fetched -= taken
    }
  }

  async #keep(root: CID): Promise<void> {
    try {
      for await (const _ of this.#helia.pins.add(root, { walker: walkOnce })) continue
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'AlreadyPinnedError') throw error
    }
  }

  async #unpin(root: CID): Promise<void> {
    // Nobody is asked for a block that got lost, only to let go of it.
    const options = { walker: walkOnce, offline: true }
    try {
      for await (const _ of this.#helia.pins.rm(root, options)) continue
    } catch {
      // It was not pinned yet, or is not whole: what is left of it is pinned no more where Helia came to it.
    }
  }

  async #collect(): Promise<void> {
    this.#littered = false
    await this.#inTurn(async () => {
      if (this.#runs.size > 0 || this.#stopping.signal.aborted) this.#littered = true
      else await this.#helia.gc({ signal: this.#stopping.signal })
    }).catch(() => {
      // A failing disk: the next one that lets go of something tries again.
    })
  }

  async #inTurn<T>(work: () => Promise<T> | T): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return await turn
  }
}

/** Helia wraps what its brokers say. */
function reasonOf(error: unknown): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error
  return (inner instanceof Error ? inner.message : String(inner)).slice(0, MOST_REASON)
}
