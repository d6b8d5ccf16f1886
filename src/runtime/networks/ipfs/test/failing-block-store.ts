import { SpiceTimeError } from '../../../errors/spice-time-error.js'
import type { BlockInfo, NamedBlock } from '../../../storage/block-store.js'
import { MemoryBlockStore } from '../../../storage/memory/memory-block-store.js'

/** A disk that is full, or slow. */
export class FailingBlockStore extends MemoryBlockStore {
  readonly #kept: Map<string, Uint8Array<ArrayBuffer>>
  /** Bytes that fit. */
  room = Number.POSITIVE_INFINITY
  /** Milliseconds until what is put is there. */
  delay = 0
  /** Milliseconds until a list begins. */
  listDelay = 0

  constructor(blocks: Map<string, Uint8Array<ArrayBuffer>>) {
    super(blocks)
    this.#kept = blocks
  }

  override async put(blocks: readonly NamedBlock[]): Promise<void> {
    await wait(this.delay)
    const bytes = [...this.#kept.values(), ...blocks.map(([, block]) => block)].reduce((sum, { byteLength }) => sum + byteLength, 0)
    if (bytes > this.room) throw new SpiceTimeError('STORAGE_FULL', 'There is no room left on this disk; free space, then try again.')
    await super.put(blocks)
  }

  override async *list(): AsyncIterableIterator<readonly BlockInfo[]> {
    await wait(this.listDelay)
    yield* super.list()
  }
}

async function wait(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds))
}
