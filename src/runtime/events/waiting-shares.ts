import type { WaitingEvent } from './waiting-row.js'

const MAX_EVENTS = 10_000
export const MAX_WAITING_BYTES = 16 * 1024 * 1024
/** The part of the waiting room, as its divisor, that one author may fill, or all together of whom nothing is known: the others have theirs. */
export const SHARE = 4

interface Load {
  readonly events: number
  readonly bytes: number
}

const NONE: Load = { events: 0, bytes: 0 }

/** How much of the waiting room is taken, and by whom. Room that becomes free is seen by the next who counts. */
export class WaitingShares {
  #all = NONE
  readonly #byHolder = new Map<string, Load>()

  constructor(waiting: readonly WaitingEvent[]) {
    for (const event of waiting) this.take(event)
  }

  fits({ bytes, holder }: WaitingEvent): boolean {
    return hasRoom(this.#all, bytes.length, 1) && hasRoom(this.#byHolder.get(holder) ?? NONE, bytes.length, SHARE)
  }

  take({ bytes, holder }: WaitingEvent): void {
    this.#all = plus(this.#all, bytes.length)
    this.#byHolder.set(holder, plus(this.#byHolder.get(holder) ?? NONE, bytes.length))
  }
}

function plus({ events, bytes }: Load, more: number): Load {
  return { events: events + 1, bytes: bytes + more }
}

function hasRoom({ events, bytes }: Load, more: number, share: number): boolean {
  return events < MAX_EVENTS / share && bytes + more <= MAX_WAITING_BYTES / share
}
