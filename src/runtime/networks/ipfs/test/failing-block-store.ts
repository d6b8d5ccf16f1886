import { SpiceTimeError } from '../../../errors/spice-time-error.js'
import type { NamedBlock } from '../../../storage/block-store.js'
import { MemoryBlockStore } from '../../../storage/memory/memory-block-store.js'

/** A disk that is full, or slow. */
export class FailingBlockStore extends MemoryBlockStore {
  readonly #kept: Map<string, Uint8Array<ArrayBuffer>>
  /** Bytes that fit. */
  room = Number.POSITIVE_INFINITY
  /** Milliseconds until what is put is there. */
  delay = 0

  constructor(blocks: Map<string, Uint8Array<ArrayBuffer>>) {
    super(blocks)
    this.#kept = blocks
  }

  override async put(blocks: readonly NamedBlock[]): Promise<void> {
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay))
    const bytes = [...this.#kept.values(), ...blocks.map(([, block]) => block)].reduce((sum, { byteLength }) => sum + byteLength, 0)
    if (bytes > this.room) throw new SpiceTimeError('STORAGE_FULL', 'There is no room left on this disk; free space, then try again.')
    await super.put(blocks)
  }
}
