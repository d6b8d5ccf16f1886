import { SpiceTimeError } from '../../../errors/spice-time-error.js'
import { FENCES_KEPT } from './fence.js'
import type { Memtable } from './memtable.js'
import type { DamagedRow } from './packed-disk.js'
import type { PageWriter, PageWriterParts } from './page-writer.js'

/** Commit rows that one transaction deletes at most: commits wait for it. */
const ROWS_PER_DELETE = 256

/** The only writer of pages: merges memtables into them, and repairs them. Does one thing at a time. */
export class Checkpointer {
  readonly #parts: PageWriterParts
  #writer: PageWriter | undefined
  readonly #repairing = new Set<string>()
  /** Fences in the log, in order. */
  readonly #fences: number[] = []
  /** Rows up to this one were deleted in this life. */
  #deletedTo = 0
  #last: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(parts: PageWriterParts) {
    this.#parts = parts
  }

  /**
   * Puts a memtable into pages, in slices, then deletes its commit rows. Stopping anywhere does no harm: the rows are
   * replayed on top of the pages, and give the same again.
   * @param written Called when all is in the pages.
   */
  run(memtable: Memtable, written: () => void): Promise<void> {
    return this.#next(async () => {
      const writer = await this.#loadWriter()
      const keys = memtable.layer.keys()
      for (let at = 0; at < keys.length;) {
        this.#checkStopped()
        at = await writer.mergeSlice(memtable, keys, at)
      }
      written()
      await this.#deleteCovered(memtable)
    })
  }

  /** Notes the fences that were found in the log. */
  keepFences(sequences: readonly number[]): void {
    this.#fences.push(...sequences)
  }

  /** Whether so many fences are left that a checkpoint is worth while for their sake. */
  get manyFences(): boolean {
    return this.#fences.length > 2 * FENCES_KEPT
  }

  /** Writes a page again without what is damaged in it, and files that. */
  async repair(pageKey: string): Promise<void> {
    if (this.#repairing.has(pageKey)) return
    this.#repairing.add(pageKey)
    await this.#next(async () => (await this.#loadWriter()).repairPage(pageKey)).finally(() => this.#repairing.delete(pageKey))
  }

  /** Files what was found damaged outside of pages. */
  file(damaged: readonly DamagedRow[]): Promise<void> {
    return this.#next(() => this.#parts.disk.writePages({ put: [], remove: [], damaged }))
  }

  /** Ends after the transaction at hand. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#last
  }

  #next(task: () => Promise<void>): Promise<void> {
    const result = this.#last.then(() => {
      this.#checkStopped()
      return task()
    })
    // Whoever called hears of a failure; the next task starts all the same.
    this.#last = result.catch(() => undefined)
    return result
  }

  /** Not needed before the first checkpoint. Where it can't be loaded the log grows, and the checkpoint is tried again. */
  async #loadWriter(): Promise<PageWriter> {
    this.#writer ??= new (await import('./page-writer.js')).PageWriter(this.#parts)
    return this.#writer
  }

  #checkStopped(): void {
    if (this.#stopped)
      throw new SpiceTimeError('STORAGE_CLOSED', 'The store was closed during a checkpoint; it is done at the next opening.')
  }

  async #deleteCovered({ firstSequence, sequence }: Memtable): Promise<void> {
    const covered = this.#fences.filter((fence) => fence <= sequence)
    const keep = covered.slice(-FENCES_KEPT)
    // Lowest first: a row that is replayed must never lack a later one that the pages already hold.
    for (let end = Math.max(firstSequence - 1, this.#deletedTo); end < sequence;) {
      this.#checkStopped()
      end = Math.min(end + ROWS_PER_DELETE, sequence)
      await this.#parts.disk.deleteCommits({ after: this.#deletedTo, upTo: end, keep })
      this.#deletedTo = end
    }
    this.#fences.splice(0, covered.length - keep.length)
  }
}
