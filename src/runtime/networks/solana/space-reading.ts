import type { AnchoredLists } from './anchored-lists.js'
import type { FinalEvents } from './final-events.js'
import type { Held, HeldRows } from './held-rows.js'
import { slotsAbove } from './history-walk.js'
import type { SlotRows } from './history-walk.js'
import type { Ignored } from './ignored.js'
import type { MemoSpace, SignedEvents } from './memo-events.js'
import type { Ground, ToldEvent } from './reading-cursor.js'
import { ReadingPass, UPDATE_EVENTS } from './reading-pass.js'
import { signatureStatuses } from './rpc-requests.js'
import { eventsAt, readSlot } from './slot-events.js'
import type { NewsEvent, SpaceNews } from './space-news.js'
import type { FoundEvent, SlotEvents } from './slot-events.js'
import type { SolanaRpc } from './solana-rpc.js'

export interface SpaceReadingParts {
  readonly rpc: Pick<SolanaRpc, 'call'>
  readonly space: MemoSpace
  /** The reference key in base 58. */
  readonly address: string
  readonly finals: FinalEvents
  readonly held: HeldRows
  readonly lists: Pick<AnchoredLists, 'find'>
}

interface Abortable {
  readonly signal?: AbortSignal
}

/** Slots that are decoded, and asked more about, at once. */
const SLOTS_AT_ONCE = 16
/** https://solana.com/docs/rpc/http/getsignaturestatuses */
const MOST_STATUSES = 256

/** Reads one space's reference key. One pull at a time. */
export class SpaceReading {
  readonly #parts: SpaceReadingParts
  /** Lists that came while one before them is missing, and were told of in this life. */
  readonly #toldEarly = new Set<string>()
  #missing = 0

  constructor(parts: SpaceReadingParts) {
    this.#parts = parts
  }

  /** Lists that the last pull could not have. */
  get missing(): number {
    return this.#missing
  }

  /** What changed above the ground, oldest first; the news end where the chain does. */
  async *pull(start: Ground, { signal }: Abortable = {}): AsyncIterableIterator<SpaceNews> {
    const { finals, held } = this.#parts
    if (start.slot < 0) finals.beginAnew()
    let ground = start
    const kept = await held.load(ground)
    for await (const news of this.#takeUp(ground, kept)) {
      ground = news.ground
      yield news
    }
    const pass = new ReadingPass(ground, { finals, held }, kept)
    for await (const slots of this.#slots(ground, signal)) {
      for (const slot of slots) {
        pass.take(await this.#withoutRepeated(slot, pass))
        while (pass.finalEvents >= UPDATE_EVENTS) yield* pass.flush()
      }
    }
    if (pass.hasFinal) yield* pass.flush()
    const gone = await this.#trulyGone(pass.missing(), signal)
    yield* pass.finish(gone)
    this.#missing = (ground.held === undefined ? 0 : kept.missing.length) + pass.missingLists
  }

  /** Looks for the lists that were missing, and tells what they held up. */
  async *#takeUp(ground: Ground, kept: Held): AsyncIterableIterator<SpaceNews> {
    const { finals, held: rows } = this.#parts
    if (ground.held === undefined) return
    const found = await Promise.all(kept.missing.map(({ cid }) => this.#find(cid)))
    // Loaded with the first list that was missing.
    const { releaseHeld } = await import('./held-release.js')
    yield* releaseHeld(ground, { held: kept, rows, finals, found })
    const first = found.indexOf(undefined)
    for (const [index, list] of kept.missing.entries()) {
      const content = found[index]
      if (first < 0 || index < first || content === undefined || this.#toldEarly.has(list.cid)) continue
      this.#toldEarly.add(list.cid)
      const early = eventsAt(list, content).map((event): NewsEvent => ({ ...event, final: true, isNew: true, held: true }))
      const told = { ...ground, held: kept.missing[first]?.order }
      for (let start = 0; start < early.length; start += UPDATE_EVENTS)
        yield { found: early.slice(start, start + UPDATE_EVENTS), retracted: [], ground: told }
    }
  }

  #find(cid: string): Promise<SignedEvents | undefined> {
    return this.#parts.lists.find(cid, this.#parts.space.reference)
  }

  async *#slots(ground: Ground, signal: AbortSignal | undefined): AsyncIterableIterator<readonly SlotEvents[]> {
    const { rpc, address, space, held } = this.#parts
    const lists = { find: (cid: string) => this.#find(cid), transactionOf: (cid: string) => held.transactionOf(cid) }
    const abortable = signal === undefined ? {} : { signal }
    const batch: SlotRows[] = []
    const read = (): Promise<readonly SlotEvents[]> =>
      Promise.all(batch.splice(0).map((slot) => readSlot(slot, { rpc, space, lists, ...abortable })))
    let reading: Promise<readonly SlotEvents[]> = Promise.resolve([])
    for await (const slot of slotsAbove({ rpc, address, ground, ...abortable })) {
      batch.push(slot)
      if (batch.length < SLOTS_AT_ONCE) continue
      const done = await reading
      // Read while the caller works with those before; a failure is thrown in its turn.
      reading = read()
      reading.catch(() => undefined)
      yield done
    }
    yield await reading
    if (batch.length > 0) yield await read()
  }

  /** An event counts where it came first. */
  async #withoutRepeated(slot: SlotEvents, pass: ReadingPass): Promise<SlotEvents> {
    const earlier = await this.#parts.finals.transactionsOf(slot.events.map(({ id }) => id))
    const events: FoundEvent[] = []
    const ignored: Ignored[] = [...slot.ignored]
    for (const [index, event] of slot.events.entries()) {
      const transaction = earlier[index]
      const repeated = pass.saw(event) || (transaction !== undefined && transaction !== event.signature)
      if (repeated) ignored.push('repeated')
      else events.push(event)
    }
    return { ...slot, events, ignored }
  }

  /** Which of the missing events the chain really dropped, and not just this list: a node that is catching up lists less than it has. */
  async #trulyGone(missing: readonly ToldEvent[], signal: AbortSignal | undefined): Promise<readonly ToldEvent[]> {
    const gone: ToldEvent[] = []
    for (let start = 0; start < missing.length; start += MOST_STATUSES) {
      const some = missing.slice(start, start + MOST_STATUSES)
      const asked = signatureStatuses(
        some.map(({ signature }) => signature),
        true,
      )
      const { statuses } = await this.#parts.rpc.call(asked, signal === undefined ? {} : { signal })
      gone.push(...some.filter((_told, index) => !isThere(statuses[index])))
    }
    return gone
  }
}

function isThere(status: { readonly error: unknown; readonly commitment: string } | undefined): boolean {
  return status !== undefined && status.error === null && status.commitment !== 'processed'
}
