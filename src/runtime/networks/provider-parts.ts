import type { SpaceReference } from '../model/event.js'
import type { Requirement } from '../model/network.js'
import type { KeyStore } from '../storage/key-store.js'

/** What a provider gets of this device beside the platform. */
export interface DeviceParts {
  readonly rows: NetworkRows
  readonly keys: KeyStore
  readonly spaces: NetworkSpaces
  /** Loaded when first asked for. */
  readonly pages: () => Promise<PageServices>
}

/** Small durable rows that one network keeps for itself: what it has sent and not heard of yet, which chain it belongs to. Keys are ASCII. */
export interface NetworkRows {
  get(key: string): Promise<Uint8Array | undefined>
  /** All rows whose keys begin so, in the order of their keys. */
  list(prefix: string): Promise<readonly (readonly [key: string, value: Uint8Array])[]>
  /** One durable transaction; an undefined value deletes. @throws SpiceTimeError STORAGE_FULL, STORAGE_FAILED, STORAGE_CLOSED */
  write(changes: readonly (readonly [key: string, value: Uint8Array | undefined])[]): Promise<void>
}

/** The spaces that this device is in; never the one that does not leave it. */
export interface NetworkSpaces {
  list(): readonly NetworkSpace[]
  /** Told when a space was added, or asks for more than before. */
  onChange(listener: () => void): () => void
}

export interface NetworkSpace {
  readonly reference: SpaceReference
  /** What its events ask for, as far as this device knows: declared for a collection, or seen. */
  readonly needs: readonly Requirement[]
  /** 32 bytes that all members have and nobody else, made for this network from the space's first key; never the key itself. */
  readonly secret: Uint8Array
}

/** What only a page can do, asked of whichever live page offers it. Requests and answers are plain data, parsed at both ends. */
export interface PageServices {
  offered(service: string): boolean
  /** Told when a service begins or ceases to be offered. */
  onChange(listener: () => void): () => void
  /** @throws SpiceTimeError PAGE_NEEDED when no page offers it, ABORTED, or what the page failed with */
  ask(service: string, request: unknown, options?: { readonly signal?: AbortSignal }): Promise<unknown>
}

/** Lists of events that a network with content keeps for one that has no room for them: docs/decisions/0017. */
export interface EventLists {
  /** Whether something keeps content now, or why not, in one sentence. */
  state(): { readonly ready: true } | { readonly ready: false; readonly reason: string }
  onChange(listener: () => void): () => void
  /**
   * Kept on this device and offered to who keeps the space's content. The same events give the same CID.
   * @throws SpiceTimeError NETWORK_NOT_CONNECTED, STORAGE_FULL, ABORTED
   */
  put(space: SpaceReference, events: readonly Uint8Array[], options?: { readonly signal?: AbortSignal }): Promise<string>
  /** @throws SpiceTimeError CONTENT_NOT_FOUND, CONTENT_UNAVAILABLE, CONTENT_DAMAGED (no list of events), NETWORK_NOT_CONNECTED, ABORTED */
  get(space: SpaceReference, cid: string, options?: { readonly signal?: AbortSignal }): Promise<readonly Uint8Array[]>
}
