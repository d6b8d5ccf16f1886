import type { AuthorId, EventId } from './event.js'
import type { FileReference } from './file.js'
import type { Level } from './network.js'
import type { StatePath } from './path.js'
import type { Receipt } from './receipt.js'

/** What is known of a file: what it is, who put it there, and where it is kept. */
export interface FileInfo {
  readonly path: StatePath
  readonly reference: FileReference
  readonly availability: ContentAvailability
  /** The event that put it there; undefined where an operation of another kind did. */
  readonly event?: EventId
  readonly author?: AuthorId
  /** Milliseconds since 1970. */
  readonly at?: number
  /** Where a chain put that event, when it asked for consensus. */
  readonly anchor?: Receipt
}

export interface ContentAvailability {
  /** `sent`: on this device; `shared`: another peer served a block of it; `final`: the configured pins hold it. Undefined: not on this device, or not all. */
  readonly level: Level | undefined
  readonly pins: readonly PinReport[]
}

export interface PinReport {
  readonly service: string
  readonly state: 'pinned' | 'pinning' | 'queued' | 'failed' | 'absent'
  /** Milliseconds since 1970 of the last look. */
  readonly at: number
  readonly reason?: string
}
