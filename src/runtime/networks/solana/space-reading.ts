import type { EventId, SpaceReference } from '../../model/event.js'
import type { FinalEvents } from './final-events.js'
import { slotsAbove } from './history-walk.js'
import type { SlotRows } from './history-walk.js'
import type { Ignored, IgnoredCounts } from './ignored.js'
import type { Ground, ToldEvent } from './reading-cursor.js'
import { signatureStatuses } from './rpc-requests.js'
import { readSlot } from './slot-events.js'
import type { FoundEvent, SlotEvents } from './slot-events.js'
import type { SolanaRpc } from './solana-rpc.js'

export interface SpaceReadingParts {
  readonly rpc: Pick<SolanaRpc, 'call'>
  readonly space: SpaceReference
  /** The reference key in base 58. */
  readonly address: string
  readonly finals: FinalEvents
}

/** What a pull of one space brought. */
export interface SpaceNews {
  readonly found: readonly (FoundEvent & { readonly final: boolean; readonly isNew: boolean })[]
  readonly retracted: readonly EventId[]
  readonly ground: Ground
}

interface Abortable {
  readonly signal?: AbortSignal
}

/** Events of one update: as many as there may be documents in memory, so that each is loaded once. */
const UPDATE_EVENTS = 500
/** Slots that are decoded, and asked more about, at once. */
const SLOTS_AT_ONCE = 16
/** https://solana.com/docs/rpc/http/getsignaturestatuses */
const MOST_STATUSES = 256

/** Reads one space's reference key. One pull at a time. */
export class SpaceReading {
  readonly #parts: SpaceReadingParts

  constructor(parts: SpaceReadingParts) {
    this.#parts = parts
  }

  /** What changed above the ground, oldest first; the news end where the chain does. */
  async *pull(ground: Ground, { signal }: Abortable = {}): AsyncIterableIterator<SpaceNews> {
    const pass = new ReadingPass(ground, this.#parts.finals)
    if (ground.slot < 0) this.#parts.finals.beginAnew()
    for await (const slots of this.#slots(ground, signal)) {
      for (const slot of slots) {
        pass.take(await this.#withoutRepeated(slot, pass))
        while (pass.finalEvents >= UPDATE_EVENTS) yield await pass.flush()
      }
    }
    if (pass.hasFinal) yield await pass.flush()
    const gone = await this.#trulyGone(pass.missing(), signal)
    const last = pass.finish(gone)
    if (last !== undefined) yield last
  }

  async *#slots(ground: Ground, signal: AbortSignal | undefined): AsyncIterableIterator<readonly SlotEvents[]> {
    const { rpc, address, space } = this.#parts
    const abortable = signal === undefined ? {} : { signal }
    const batch: SlotRows[] = []
    const read = (): Promise<readonly SlotEvents[]> =>
      Promise.all(batch.splice(0).map((slot) => readSlot(slot, { rpc, space, ...abortable })))
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

/** What one pull gathers on its way up from the ground. */
class ReadingPass {
  readonly #finals: FinalEvents
  readonly #toldBefore: ReadonlyMap<EventId, ToldEvent>
  readonly #seen = new Set<EventId>()
  #ground: Ground
  /** Below the newest slot, whose events may go out in more than one update. */
  #below: Ground
  #final: FoundEvent[] = []
  #ignored: Partial<Record<Ignored, number>> = {}
  #above: FoundEvent[] = []
  #moved = false
  /** A slot that is not final was met: nothing above it counts as final in this pull. */
  #isAbove = false

  constructor(ground: Ground, finals: FinalEvents) {
    this.#ground = ground
    this.#below = ground
    this.#finals = finals
    this.#toldBefore = new Map(ground.told.map((told) => [told.id, told]))
  }

  get finalEvents(): number {
    return this.#final.length
  }

  get hasFinal(): boolean {
    return this.#moved
  }

  /** Whether this pull met the event before; notes it. */
  saw({ id }: FoundEvent): boolean {
    if (this.#seen.has(id)) return true
    this.#seen.add(id)
    return false
  }

  take({ slot, signature, final, events, ignored }: SlotEvents): void {
    this.#isAbove ||= !final
    if (this.#isAbove) {
      this.#above.push(...events)
      return
    }
    this.#below = this.#ground
    this.#final.push(...events)
    for (const reason of ignored) this.#ignored[reason] = (this.#ignored[reason] ?? 0) + 1
    this.#ground = { ...this.#ground, slot, signature }
    this.#moved = true
  }

  /** What is final by now. It is kept before it is told, so that a repetition is known for one whatever happens. */
  async flush(): Promise<SpaceNews> {
    const events = this.#final.splice(0, UPDATE_EVENTS)
    const split = this.#final.length > 0
    // Counted with the slot's end: a slot that is read again after a restart counts once.
    const ignored: IgnoredCounts = split ? {} : this.#ignored
    if (!split) this.#ignored = {}
    this.#moved = split
    await this.#finals.keep(events, ignored)
    const ids = new Set(events.map(({ id }) => id))
    this.#ground = { ...this.#ground, told: this.#ground.told.filter(({ id }) => !ids.has(id)) }
    const found = events.map((event) => ({ ...event, final: true, isNew: !this.#toldBefore.has(event.id) }))
    return { found, retracted: [], ground: split ? this.#below : this.#ground }
  }

  /** What was told before and was not met in this pull. */
  missing(): readonly ToldEvent[] {
    return this.#ground.told.filter(({ id }) => !this.#seen.has(id))
  }

  /** The last news: what is not final yet, as far as it is new, and what is gone. */
  finish(gone: readonly ToldEvent[]): SpaceNews | undefined {
    const lost = new Set(gone.map(({ id }) => id))
    const kept = this.missing().filter(({ id }) => !lost.has(id))
    const told = [...this.#above.map(({ id, signature, order }) => ({ id, signature, order })), ...kept]
    const found = this.#above.flatMap((event) => {
      const before = this.#toldBefore.get(event.id)
      return before !== undefined && sameTold(before, event) ? [] : [{ ...event, final: false, isNew: before === undefined }]
    })
    if (found.length === 0 && lost.size === 0) return undefined
    return { found, retracted: [...lost], ground: { ...this.#ground, told } }
  }
}

function sameTold(one: ToldEvent, other: ToldEvent): boolean {
  return one.signature === other.signature && one.order.every((part, index) => part === other.order[index])
}
