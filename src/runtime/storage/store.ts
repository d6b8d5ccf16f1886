/**
 * An ordered map from ASCII keys to bytes, on one device, with one owner.
 *
 * - Order: keys compare by code unit. Keys hold printable ASCII only and at most `MAX_KEY_LENGTH` characters.
 * - Atomic: the changes of one `write` are all there or none, also after the process was killed at any moment.
 * - Durable: a `write` that resolved survives a kill and a power cut (as far as the disk keeps its word).
 * - Group commit: writes that are called while a commit is in flight share the next one; they become durable in the order of their calls.
 * - Read your writes: every read sees all writes called before it, durable or not.
 * - Failure: when a commit fails, its writes and all later ones in flight reject, reads go back to what is durable, and the store stays usable.
 * - Values given and returned are the store's own: never change their bytes.
 */
export interface Store {
  get(key: string): Promise<Uint8Array | undefined>
  /** Values in the order of the keys. */
  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>
  /** Entries in order, in pages of the store's own size, so that a long range never fills memory. */
  range(range: KeyRange): AsyncIterableIterator<readonly StoreEntry[]>
  /** @throws SpiceTimeError STORAGE_FULL, STORAGE_FAILED, STORAGE_CLOSED */
  write(changes: readonly StoreChange[]): Promise<void>
  /** Records that could not be read since the store was opened. */
  damaged(): readonly DamagedRecord[]
  /** Waits for what is in flight, then closes; later calls reject with STORAGE_CLOSED. */
  close(): Promise<void>
}

export const MAX_KEY_LENGTH = 1024

/** From `from` (inclusive) up to `to` (exclusive). */
export interface KeyRange {
  readonly from: string
  readonly to: string
  readonly reverse?: boolean
  readonly limit?: number
}

export type StoreEntry = readonly [key: string, value: Uint8Array]
/** Sets a key, or removes it when the value is undefined. */
export type StoreChange = readonly [key: string, value: Uint8Array | undefined]

export interface DamagedRecord {
  /** The key, or the range of keys, that is affected. */
  readonly key: string
  readonly reason: string
}

/** The range of all keys that start with a prefix. The prefix must not be empty. */
export function prefixRange(prefix: string): KeyRange {
  return { from: prefix, to: prefix + '\u007f' }
}
