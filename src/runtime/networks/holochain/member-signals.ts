import { toBase32 } from '../../codec/base32.js'
import type { SpaceReference } from '../../model/event.js'
import { HeardEvents } from './heard-events.js'
import type { Looks } from './looks.js'
import { SignalQueue } from './signal-queue.js'
import { parseMemberSignal } from './signals.js'
import type { Mouth, ToldMarks } from './told-marks.js'
import type { ZomeSignal } from './zome-calls.js'

/** What is kept of a space, as far as signals concern it. */
interface SignalledSpace {
  readonly told: Pick<ToldMarks, 'answer' | 'hear' | 'dropped'>
  readonly cell: Promise<SignalledCell> | undefined
}

interface SignalledCell extends Mouth {
  readonly dna: Uint8Array
}

/** Where a signal came from. */
interface Place extends Pick<SignalledSpace, 'told'> {
  readonly space: SpaceReference
  readonly cell: SignalledCell
}

interface SignalParts {
  readonly spaces: ReadonlyMap<SpaceReference, SignalledSpace>
  readonly looks: Pick<Looks, 'announced'>
  readonly onMessage: (space: SpaceReference, message: Uint8Array) => void
  readonly onNews: () => void
  readonly onFailed: (error: unknown) => void
}

/** What members who are online say in a device's spaces. Any of them may be hostile: all that is kept of it is bounded. */
export class MemberSignals {
  readonly #parts: SignalParts
  readonly #queue: SignalQueue
  readonly #heard = new HeardEvents()

  constructor(parts: SignalParts) {
    this.#parts = parts
    this.#queue = new SignalQueue((dna, signal) => this.#hear(dna, signal), parts.onFailed)
  }

  /** Signals that were too much, and were not heard. */
  get dropped(): number {
    const marks = [...this.#parts.spaces.values()].reduce((sum, { told }) => sum + told.dropped, 0)
    return this.#queue.dropped + this.#heard.dropped + marks
  }

  add(dna: Uint8Array, signal: ZomeSignal): void {
    this.#queue.add(dna, signal)
  }

  /** Events that came since they were last taken. */
  takeEvents(space: SpaceReference): readonly Uint8Array[] {
    return this.#heard.take(space)
  }

  /** Once all that waits now has been heard. */
  async settled(): Promise<void> {
    await this.#queue.settled()
  }

  async #hear(dna: Uint8Array, { from, payload }: ZomeSignal): Promise<void> {
    const signal = parseMemberSignal(payload)
    const place = signal === undefined ? undefined : await this.#placeOf(dna)
    if (signal === undefined || place === undefined) return
    const { space, told, cell } = place
    switch (signal.kind) {
      case 'message':
        return this.#parts.onMessage(space, signal.message)
      case 'asks':
        return told.answer(from, cell)
      case 'mark':
        return await told.hear(from, signal)
      case 'events':
        this.#heard.add(space, signal.events)
        break
      case 'news':
        break
    }
    this.#parts.onNews()
    const number = signal.kind === 'news' ? signal.number : undefined
    this.#parts.looks.announced(number === undefined ? undefined : { space, agent: from, number })
  }

  async #placeOf(dna: Uint8Array): Promise<Place | undefined> {
    const name = toBase32(dna)
    for (const [space, { told, cell }] of this.#parts.spaces) {
      // One that could not be opened has no signals.
      const opened = await cell?.catch(() => undefined)
      if (opened !== undefined && toBase32(opened.dna) === name) return { space, told, cell: opened }
    }
    return undefined
  }
}
