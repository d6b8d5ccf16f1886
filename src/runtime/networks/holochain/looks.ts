import { toBase32 } from '../../codec/base32.js'
import type { SpaceReference } from '../../model/event.js'
import type { Platform } from '../../platform/platform.js'
import type { Mark } from './zome-calls.js'

/** Milliseconds until it is looked again how far own batches got: who holds them says so within seconds, or when he comes online. */
const FIRST_LOOK = 1_000
const LONGEST_LOOK = 60_000
/** What a signal announces takes the DHT half a second where all goes well: it is looked for this often while it is known what is missing … */
const SEARCH_EVERY = 200
const QUICK_SEARCHES = 12
/** … and then after 200, 400, 800 … ms. */
const SLOW_SEARCHES = 6
/** What is looked for by name; of more it is only known that there is something. */
const MOST_AWAITED = 64

/** A batch that its agent says is on its way. */
export interface Awaited {
  readonly space: SpaceReference
  readonly agent: Uint8Array
  /** Its place among its agent's. */
  readonly number: number
}

/** When to pull again: ever more seldom, and soon when there is a reason. */
export class Looks {
  readonly #platform: Platform
  readonly #look: () => void
  #after = FIRST_LOOK
  /** That are left for what was announced. */
  #searches = 0
  #awaited: readonly Awaited[] = []
  /** Something was announced without its number: only the last search ends the search for it. */
  #isVague = false
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(platform: Platform, look: () => void) {
    this.#platform = platform
    this.#look = look
  }

  /** Something of this device's went out. */
  published(): void {
    this.#after = FIRST_LOOK
    this.#schedule()
  }

  /** Something of another's is on its way. */
  announced(what?: Awaited): void {
    const isKnown = what !== undefined && this.#awaited.length < MOST_AWAITED
    if (isKnown) this.#awaited = [...this.#awaited, what]
    else this.#isVague = true
    this.#searches = Math.max(this.#searches, isKnown ? QUICK_SEARCHES + SLOW_SEARCHES : SLOW_SEARCHES)
    this.#unschedule()
    this.#schedule()
  }

  /**
   * A pull ended.
   * @param open whether own batches are not final yet
   * @param marks how far each space was pulled
   */
  pulled(open: boolean, marks: ReadonlyMap<string, readonly Mark[]>): void {
    const missing = this.#awaited.filter((what) => !isTaken(what, marks))
    if (missing.length === 0 && this.#awaited.length > 0) this.#found()
    this.#awaited = missing
    if (open || this.#searches > 0) this.#schedule()
  }

  stop(): void {
    this.#stopped = true
    this.#unschedule()
  }

  #found(): void {
    this.#searches = this.#isVague ? Math.min(this.#searches, SLOW_SEARCHES) : 0
    this.#after = FIRST_LOOK
    this.#unschedule()
  }

  #unschedule(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #schedule(): void {
    if (this.#stopped) return
    const isSearch = this.#searches > 0
    const wait = isSearch ? SEARCH_EVERY * 2 ** Math.max(0, SLOW_SEARCHES - this.#searches) : this.#after
    this.#cancel ??= this.#platform.after(wait, () => {
      this.#cancel = undefined
      if (isSearch) this.#searched()
      else this.#after = Math.min(LONGEST_LOOK, this.#after * 2)
      this.#look()
    })
  }

  #searched(): void {
    this.#searches -= 1
    if (this.#searches > 0) return
    this.#awaited = []
    this.#isVague = false
    // Own batches are asked after from the start again: what was searched for says nothing of how long they have been out.
    this.#after = FIRST_LOOK
  }
}

function isTaken({ space, agent, number }: Awaited, marks: ReadonlyMap<string, readonly Mark[]>): boolean {
  const name = toBase32(agent)
  const mark = marks.get(space)?.find((one) => toBase32(one.agent) === name)
  return mark !== undefined && (number < mark.next || mark.above.includes(number))
}
