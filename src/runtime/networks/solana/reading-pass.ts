import type { EventId } from '../../model/event.js'
import { compareOrder } from '../../model/receipt.js'
import type { ChainOrder } from '../../model/receipt.js'
import type { RowChange } from '../provider-parts.js'
import type { FinalEvents } from './final-events.js'
import type { Held, HeldRows } from './held-rows.js'
import type { Ignored, IgnoredCounts } from './ignored.js'
import type { Ground, ToldEvent } from './reading-cursor.js'
import type { AnchoredList, FoundEvent, SlotEvents } from './slot-events.js'
import type { NewsEvent, SpaceNews } from './space-news.js'

/** Events of one update: as many as there may be documents in memory, so that each is loaded once. */
export const UPDATE_EVENTS = 500

type Placed = FoundEvent & { readonly held?: true }

/** What one pull gathers on its way up from the ground. */
export class ReadingPass {
  readonly #finals: FinalEvents
  readonly #rows: HeldRows
  readonly #toldBefore: ReadonlyMap<EventId, ToldEvent>
  readonly #seen = new Set<EventId>()
  /** Lists that are missing on final ground: one that is anchored again holds nothing that the first one does not. */
  readonly #missingLists: Set<string>
  /** The first list that is missing: what comes after it has no place yet. */
  #gap: ChainOrder | undefined
  #ground: Ground
  /** Below the newest slot, whose events may go out in more than one update. */
  #below: Ground
  /** As it was told last. */
  #told: Ground
  #final: Placed[] = []
  #changes: RowChange[] = []
  #ignored: Partial<Record<Ignored, number>> = {}
  #above: Placed[] = []
  #moved = false
  /** A slot that is not final was met: nothing above it counts as final in this pull. */
  #isAbove = false
  missingLists = 0

  constructor(ground: Ground, { finals, held }: { readonly finals: FinalEvents; readonly held: HeldRows }, { missing }: Held) {
    this.#ground = ground
    this.#below = ground
    this.#told = ground
    this.#gap = ground.held
    this.#finals = finals
    this.#rows = held
    this.#missingLists = new Set(ground.held === undefined ? [] : missing.map(({ cid }) => cid))
    this.#toldBefore = new Map(ground.told.map((told) => [told.id, told]))
  }

  get finalEvents(): number {
    return this.#final.length
  }

  get hasFinal(): boolean {
    return this.#moved
  }

  /** Whether this pull met the event before; notes it. */
  saw({ id }: Pick<FoundEvent, 'id'>): boolean {
    if (this.#seen.has(id)) return true
    this.#seen.add(id)
    return false
  }

  take({ slot, signature, final, events, ignored, lists, missing }: SlotEvents): void {
    this.#isAbove ||= !final
    const gaps = missing.filter(({ cid }) => !this.#missingLists.has(cid))
    this.missingLists += gaps.length
    this.#gap ??= gaps.map(({ order }) => order).toSorted(compareOrder)[0]
    const placed = events.map((event): Placed => (this.#isHeld(event) ? { ...event, held: true } : event))
    if (this.#isAbove) {
      this.#above.push(...placed)
      return
    }
    this.#below = this.#ground
    for (const event of placed) this.#final.push(event)
    for (const reason of ignored) this.#ignored[reason] = (this.#ignored[reason] ?? 0) + 1
    this.#noteLists(lists, gaps)
    this.#ground = { ...this.#ground, slot, signature, held: this.#gap }
    this.#moved = true
  }

  /** What is final by now. It is kept before it is told, so that a repetition is known for one whatever happens. */
  async *flush(): AsyncIterableIterator<SpaceNews> {
    const events = this.#final.splice(0, UPDATE_EVENTS)
    const split = this.#final.length > 0
    // Counted with the slot's end: a slot that is read again after a restart counts once.
    const ignored: IgnoredCounts = split ? {} : this.#ignored
    if (!split) this.#ignored = {}
    this.#moved = split
    const held = events.filter((event) => event.held === true).map((event) => this.#rows.hold(event))
    await this.#finals.keep(events, ignored, [...held, ...(split ? [] : this.#changes.splice(0))])
    yield* this.#demote(events)
    const ids = new Set(events.map(({ id }) => id))
    this.#ground = { ...this.#ground, told: this.#ground.told.filter(({ id }) => !ids.has(id)) }
    const found = events.map((event): NewsEvent => ({ ...event, final: true, isNew: !this.#toldBefore.has(event.id) }))
    yield this.#tell({ found, retracted: [], ground: split ? this.#below : this.#ground })
  }

  /** What was told before and was not met in this pull. */
  missing(): readonly ToldEvent[] {
    return this.#ground.told.filter(({ id }) => !this.#seen.has(id))
  }

  /** The last news: what is not final yet, as far as it is new, and what is gone. */
  async *finish(gone: readonly ToldEvent[]): AsyncIterableIterator<SpaceNews> {
    yield* this.#demote(this.#above)
    const lost = new Set(gone.map(({ id }) => id))
    const kept = this.missing().filter(({ id }) => !lost.has(id))
    const met = this.#above.map(({ id, signature, order, held }): ToldEvent => ({ id, signature, order, ...(held && { held }) }))
    const found = this.#above.flatMap((event): NewsEvent[] => {
      const before = this.#toldBefore.get(event.id)
      return before !== undefined && sameTold(before, event) ? [] : [{ ...event, final: false, isNew: before === undefined }]
    })
    if (found.length === 0 && lost.size === 0) return
    yield this.#tell({ found, retracted: [...lost], ground: { ...this.#ground, told: [...met, ...kept] } })
  }

  #isHeld({ order }: FoundEvent): boolean {
    return this.#gap !== undefined && compareOrder(order, this.#gap) > 0
  }

  #noteLists(lists: readonly AnchoredList[], gaps: readonly AnchoredList[]): void {
    this.#changes.push(...lists.map((list) => this.#rows.wasRead(list)))
    for (const gap of gaps) {
      this.#missingLists.add(gap.cid)
      this.#changes.push(this.#rows.gap(gap))
    }
  }

  /** Events that had a place and have none now: a level that was given is only ever lowered by taking it back. */
  *#demote(events: readonly Placed[]): IterableIterator<SpaceNews> {
    const placeless = events.filter(({ id, held }) => held === true && this.#toldBefore.get(id)?.held === undefined)
    const retracted = placeless.flatMap(({ id }) => (this.#toldBefore.has(id) ? [id] : []))
    if (retracted.length === 0) return
    const ids = new Set(retracted)
    yield this.#tell({ found: [], retracted, ground: { ...this.#told, told: this.#told.told.filter(({ id }) => !ids.has(id)) } })
  }

  #tell(news: SpaceNews): SpaceNews {
    this.#told = news.ground
    return news
  }
}

function sameTold(one: ToldEvent, other: ToldEvent): boolean {
  return one.signature === other.signature && one.held === other.held && one.order.every((part, index) => part === other.order[index])
}
