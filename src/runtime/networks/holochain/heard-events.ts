import type { SpaceReference } from '../../model/event.js'

/** Bytes of one space that wait for the next pull. Whoever sends more than that is not kept: the DHT has it all. */
const MOST_BYTES = 512 * 1024

/** Events that came by signals, until a pull takes them in. */
export class HeardEvents {
  dropped = 0
  readonly #heard = new Map<SpaceReference, { readonly events: Uint8Array[]; bytes: number }>()

  add(space: SpaceReference, events: readonly Uint8Array[]): void {
    const heard = this.#heard.get(space) ?? { events: [], bytes: 0 }
    const bytes = events.reduce((sum, event) => sum + event.length, 0)
    if (heard.bytes + bytes > MOST_BYTES) {
      this.dropped += 1
      return
    }
    heard.events.push(...events)
    heard.bytes += bytes
    this.#heard.set(space, heard)
  }

  take(space: SpaceReference): readonly Uint8Array[] {
    const heard = this.#heard.get(space)
    this.#heard.delete(space)
    return heard?.events ?? []
  }
}
