/**
 * Content-addressed blocks on one device, beside the ordered keys of `Store`: large values that are written once, under names that say what they hold.
 *
 * - Names: the multihash of a block in base32 (lower case, no prefix): the same bytes under two codecs are kept once.
 * - Durable: a `put` that resolved is committed; one that failed for want of room left nothing of itself and everything else as it was.
 * - Nothing is ever evicted by the store: who keeps blocks here decides what goes.
 * - Bytes given and returned are the store's own: never change them.
 */
export interface BlockStore {
  get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>
  has(name: string): Promise<boolean>
  /** All or none; those that are there already are not written again. @throws SpiceTimeError STORAGE_FULL, STORAGE_FAILED, STORAGE_CLOSED */
  put(blocks: readonly NamedBlock[]): Promise<void>
  delete(names: readonly string[]): Promise<void>
  /** Every block's name and size, in pages, in no order that anyone may rely on. */
  list(): AsyncIterableIterator<readonly BlockInfo[]>
  /** Waits for what is in flight, then closes; later calls reject with STORAGE_CLOSED. */
  close(): Promise<void>
}

export type NamedBlock = readonly [name: string, bytes: Uint8Array<ArrayBuffer>]

export interface BlockInfo {
  readonly name: string
  readonly bytes: number
}
