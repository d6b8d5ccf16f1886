import type { Platform } from '../platform/platform.js'

/** 2026-01-01T00:00:00Z, so that dates in failures are readable. */
export const MANUAL_START = 1_767_225_600_000

export interface ManualPlatformOptions {
  /** Any integer; the same seed gives the same randomness. Print it when a test fails. */
  readonly seed?: number
  /** Milliseconds since 1970. */
  readonly start?: number
}

interface Timer {
  readonly due: number
  readonly number: number
  readonly callback: () => void
}

/** A platform whose time stands still until a test moves it, and whose randomness is a function of its seed. */
export class ManualPlatform implements Platform {
  readonly seed: number
  readonly #start: number
  readonly #timers = new Set<Timer>()
  readonly #random: () => number
  #now: number
  #count = 0

  constructor({ seed = 1, start = MANUAL_START }: ManualPlatformOptions = {}) {
    this.seed = seed
    this.#start = start
    this.#now = start
    this.#random = seededRandom(seed)
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now - this.#start
  }

  /** 0 inclusive to 1 exclusive. */
  random(): number {
    return this.#random() / 2 ** 32
  }

  randomBytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.#random() >>> 24)
  }

  after(milliseconds: number, callback: () => void): () => void {
    // Whole milliseconds, as clocks give them.
    const timer = { due: this.#now + Math.max(0, Math.ceil(milliseconds)), number: ++this.#count, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size
  }

  /** Moves time on by whole milliseconds and runs what is due, each timer at its own time; timers that they set count too. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds
    while (this.#runNext(end));
    this.#now = end
  }

  /** As `advance`, with a turn of the event loop after each timer, so that what waits on promises goes on in between. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    await turn()
    while (this.#runNext(end)) await turn()
    this.#now = end
    await turn()
  }

  /**
   * Moves time on, timer by timer, until the condition holds.
   * @throws Error when it does not hold within that many milliseconds of manual time (default: one hour) and `MOST_TURNS` turns
   */
  async until(condition: () => boolean | Promise<boolean>, within = 3_600_000): Promise<void> {
    const end = this.#now + within
    for (let turns = 0; turns < MOST_TURNS; turns++) {
      if (await condition()) return
      await turn()
      if (turns % QUIET_TURNS === QUIET_TURNS - 1) this.#runNext(end)
    }
    throw new Error(`The condition did not hold within ${within} ms of manual time (seed ${this.seed}).`)
  }

  #runNext(end: number): boolean {
    const next = this.#earliest()
    if (next === undefined || next.due > end) return false
    this.#timers.delete(next)
    this.#now = Math.max(this.#now, next.due)
    next.callback()
    return true
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined
    for (const timer of this.#timers) {
      if (earliest === undefined || timer.due < earliest.due || (timer.due === earliest.due && timer.number < earliest.number))
        earliest = timer
    }
    return earliest
  }
}

/** Turns of the event loop before `until` moves time to the next timer: what is under way goes first. */
const QUIET_TURNS = 4
const MOST_TURNS = 20_000

/** One turn of the event loop: promises, ports and finished input and output get their turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

/** mulberry32: 32 bits a call, the same ones for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
