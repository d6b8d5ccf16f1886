/**
 * The rows that a packed store consists of, without their meaning: an append-only log of commits, and pages that
 * divide the space of all keys among them. A page's key is the lowest that belongs to it; it holds all entries up to the
 * next page's key. Each method is one transaction.
 */
export interface PackedDisk {
  /**
   * Makes this disk the owner: adds a fence to the log, which the next commit of the owner before collides with, and lets no other write
   * of that owner through. `count` limits the rows that it gives.
   */
  takeOver(count: number): Promise<LogStart>
  /** Commit rows in order, after `sequence`, at most `count`. */
  readCommits(sequence: number, count: number): Promise<readonly CommitRow[]>
  /** All rows or none, durable when it resolves. @throws SpiceTimeError STORAGE_CLOSED when one of the sequence numbers is taken */
  appendCommits(rows: readonly CommitRow[]): Promise<void>
  /** Removes rows that pages hold. @throws SpiceTimeError STORAGE_CLOSED, with nothing changed, when another owns the database */
  deleteCommits(deletion: Deletion): Promise<void>
  /** The pages that the keys (sorted) belong to, in order, each once: those of the first keys when there are more than `count`. */
  readCovering(keys: readonly string[], count: number): Promise<readonly PageRow[]>
  /** Neighbouring pages from the one that `range.from` belongs to, upwards, those below `range.to`, at most `count`. */
  readForward(range: PageRange, count: number): Promise<readonly PageRow[]>
  /** Neighbouring pages from the one just below `range.to`, downwards, as far as `range.from`, at most `count`. */
  readBackward(range: PageRange, count: number): Promise<readonly PageRow[]>
  /** All or none, durable when it resolves. @throws SpiceTimeError STORAGE_CLOSED, with nothing changed, when another owns the database */
  writePages(change: PagesChange): Promise<void>
  close(): Promise<void>
}

export interface LogStart {
  /** The sequence number of this owner's fence: what follows is this owner's. */
  readonly fence: number
  /** Rows up to this number are in pages: those that are still there, or have come since, count no more. */
  readonly covered: number
  /** The first rows of the log, before the fence. */
  readonly rows: readonly CommitRow[]
  readonly damaged: readonly DamagedRow[]
  /** The page with the lowest keys: what every start needs lies there. */
  readonly lowest: PageRow
}

/** The rows after `after`, up to and including `upTo`, without those in `keep` (ascending). */
export interface Deletion {
  readonly after: number
  readonly upTo: number
  readonly keep: readonly number[]
}

export interface PageRange {
  readonly from: string
  readonly to: string
}

export interface CommitRow {
  readonly sequence: number
  readonly bytes: Uint8Array
}

export interface PageRow {
  /** `''` for the first page, whether it is there or not. */
  readonly key: string
  /** The next page's key; undefined for the last page. */
  readonly upper: string | undefined
  /** undefined where there is no page: only below all pages. */
  readonly bytes: Uint8Array | undefined
}

export interface PagesChange {
  readonly put: readonly { readonly key: string; readonly bytes: Uint8Array }[]
  readonly remove: readonly string[]
  readonly damaged: readonly DamagedRow[]
}

/** What is kept of a record that could not be read. */
export interface DamagedRow {
  /** Where it lay: the same damage, found again, has the same place. */
  readonly place: string
  readonly key: string
  readonly reason: string
  readonly bytes: Uint8Array
}
