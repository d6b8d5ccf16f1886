import type { SpaceReference } from '../model/event.js'
import type { ContentAvailability } from '../model/file-info.js'

export type { ContentAvailability, PinReport } from '../model/file-info.js'

/**
 * Content by its CID, which a network keeps beside events; a provider without it keeps none. Bytes come and go as they are stored: who calls seals and
 * opens them. CIDs are version 1, base32.
 */
export interface ProviderContent {
  /**
   * Keeps a file as UnixFS: raw leaves of `FILE_CHUNK_BYTES`, 174 links a node, sha2-256, so that every implementation gives the same CID. Kept (pinned) on
   * this device until `discard`, each block committed before this resolves; memory does not grow with the file. A call that fails, is called off or killed
   * leaves nothing behind once what was left over has been collected.
   * @throws SpiceTimeError STORAGE_FULL, STORAGE_FAILED, ABORTED; what `bytes` throws
   */
  add(bytes: AsyncIterable<Uint8Array<ArrayBuffer>>, options: AddOptions): Promise<StoredContent>
  /**
   * A file's bytes from `offset` on: what is on this device, else from peers, else from gateways, each block checked against its CID.
   * Reads only the blocks that the range needs. Ends at the end of the file.
   * @throws SpiceTimeError CONTENT_NOT_FOUND, CONTENT_UNAVAILABLE (deadline; the message says who was asked and what they said), CONTENT_DAMAGED
   * (a DAG that is malformed, too deep or too wide, or whose size is not the one claimed), ABORTED
   */
  read(cid: string, options: ReadContentOptions): AsyncIterable<Uint8Array<ArrayBuffer>>
  /** Keeps one dag-cbor block of at most `MAX_BLOCK_BYTES`, pinned, and offers it to who keeps the space's content. Returns its CID. */
  putBlock(bytes: Uint8Array<ArrayBuffer>, options: AddOptions): Promise<string>
  /** @throws SpiceTimeError as `read` */
  getBlock(cid: string, options: ContentOptions): Promise<Uint8Array<ArrayBuffer>>
  /** Where content is held, as far as it was last seen. */
  availability(cid: string): Promise<ContentAvailability>
  /** Whether somebody is named who can get what is kept here. Asked before the network is open, it says no and opens it; the status tells of that. */
  reaches(): boolean
  /** No event names it, or ever will: it goes at once, whoever holds it. What no event of this device names is content that a failed or killed call left. */
  discard(cid: string): Promise<void>
}

/** Bytes of one leaf: Kubo's own chunk size (`size-262144`). */
export const FILE_CHUNK_BYTES = 262_144
/** Of a block that is not a file's. */
export const MAX_BLOCK_BYTES = 1024 * 1024

export interface ContentOptions {
  readonly space: SpaceReference | undefined
  readonly signal?: AbortSignal | undefined
}

export interface AddOptions extends ContentOptions {
  /** Told how many bytes were taken in so far. */
  readonly onProgress?: (bytes: number) => void
  /** Told once all blocks are stored and before the content is kept, which waits for it; and whether it was kept before. */
  readonly onStored?: (cid: string, known: boolean) => Promise<void>
}

export interface ReadContentOptions extends ContentOptions {
  /** Default 0. */
  readonly offset?: number
  /** Default: to the end. */
  readonly length?: number
  /** Of the whole file as it is stored: a DAG that says otherwise is refused. */
  readonly size: number
}

export interface StoredContent {
  readonly cid: string
  /** Bytes taken in. */
  readonly size: number
  /** Whether it was kept (pinned) on this device before: then it is someone else's too, and a failed call must not discard it. */
  readonly known: boolean
}
