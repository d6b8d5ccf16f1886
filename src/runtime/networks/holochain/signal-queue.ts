import { toBase32 } from '../../codec/base32.js'
import type { ZomeSignal } from './zome-calls.js'

/** Signals that wait, and their bytes. One member may fill a quarter, so that the others are heard beside him. */
const MOST_SIGNALS = 256
const MOST_BYTES = 2 * 1024 * 1024
const SHARE = 4

interface Load {
  readonly signals: number
  readonly bytes: number
}

const NONE: Load = { signals: 0, bytes: 0 }

/** What came by signals: heard one after another, as they came, since what a member said last is what counts. What is too much is dropped: signals are hints. */
export class SignalQueue {
  dropped = 0
  readonly #hear: (dna: Uint8Array, signal: ZomeSignal) => Promise<void>
  readonly #failed: (error: unknown) => void
  #tail: Promise<void> = Promise.resolve()
  #all = NONE
  /** By member; those of whom nothing waits are not in it. */
  readonly #loads = new Map<string, Load>()

  constructor(hear: (dna: Uint8Array, signal: ZomeSignal) => Promise<void>, failed: (error: unknown) => void) {
    this.#hear = hear
    this.#failed = failed
  }

  add(dna: Uint8Array, signal: ZomeSignal): void {
    const member = toBase32(signal.from)
    const bytes = signal.payload.length
    const load = this.#loads.get(member) ?? NONE
    if (!fits(this.#all, bytes, 1) || !fits(load, bytes, SHARE)) {
      this.dropped += 1
      return
    }
    this.#all = plus(this.#all, 1, bytes)
    this.#loads.set(member, plus(load, 1, bytes))
    this.#tail = this.#tail
      .then(() => this.#hear(dna, signal))
      .catch(this.#failed)
      .finally(() => this.#heard(member, bytes))
  }

  /** Once all that waits now has been heard. */
  async settled(): Promise<void> {
    await this.#tail
  }

  #heard(member: string, bytes: number): void {
    this.#all = plus(this.#all, -1, -bytes)
    const load = plus(this.#loads.get(member) ?? NONE, -1, -bytes)
    if (load.signals <= 0) this.#loads.delete(member)
    else this.#loads.set(member, load)
  }
}

function plus(load: Load, signals: number, bytes: number): Load {
  return { signals: load.signals + signals, bytes: load.bytes + bytes }
}

function fits(load: Load, bytes: number, share: number): boolean {
  return load.signals < MOST_SIGNALS / share && load.bytes + bytes <= MOST_BYTES / share
}
