import { hybridTime, millisecondsOf } from '../model/event.js'
import type { HybridTime } from '../model/event.js'

/** An event further ahead of the local clock than this waits, in milliseconds. */
export const MAX_AHEAD = 60_000

/**
 * A hybrid logical clock (Kulkarni et al. 2014, "Logical Physical Clocks"), packed in one integer: never behind any event seen, and close to the
 * wall clock as long as authors' clocks are.
 */
export class HybridClock {
  readonly #now: () => number
  #last: HybridTime

  constructor(now: () => number, last: HybridTime = 0) {
    this.#now = () => Math.floor(now())
    this.#last = last
  }

  get last(): HybridTime {
    return this.#last
  }

  /** The time of a new own event: later than every time given or seen before. */
  tick(): HybridTime {
    this.#last = Math.max(this.#last + 1, hybridTime(this.#now()))
    return this.#last
  }

  /** Takes note of another's event. */
  see(time: HybridTime): void {
    if (time > this.#last) this.#last = time
  }

  /** How far a time is ahead of the local wall clock, in milliseconds; 0 when it is not. */
  ahead(time: HybridTime): number {
    return Math.max(0, millisecondsOf(time) - this.#now())
  }
}
