import type { Platform } from '../../platform/platform.js'

/** Milliseconds until it is looked again how far own batches got: who holds them says so within seconds, or when he comes online. */
const FIRST_LOOK = 1_000
const LONGEST_LOOK = 60_000
/** What a signal announces takes the DHT a while: it is looked for after 200, 400, 800 … ms. */
const FIRST_SEARCH = 200
const SEARCHES = 6

/** When to pull again: ever more seldom, and soon when there is a reason. */
export class Looks {
  readonly #platform: Platform
  readonly #look: () => void
  #after = FIRST_LOOK
  /** That are left for what was announced. */
  #searches = 0
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
  announced(): void {
    this.#searches = SEARCHES
    this.#after = FIRST_SEARCH
    this.#cancel?.()
    this.#cancel = undefined
    this.#schedule()
  }

  /** A pull ended. @param open whether own batches are not final yet */
  pulled(open: boolean): void {
    if (open || this.#searches > 0) this.#schedule()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#cancel ??= this.#platform.after(this.#after, () => {
      this.#cancel = undefined
      const wasLastSearch = this.#searches === 1
      this.#searches = Math.max(0, this.#searches - 1)
      // Own batches are asked after from the start again: what was searched for says nothing of how long they have been out.
      this.#after = wasLastSearch ? FIRST_LOOK : Math.min(LONGEST_LOOK, this.#after * 2)
      this.#look()
    })
  }
}
