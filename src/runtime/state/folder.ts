import type { AppliedEvent, ReceiptChange } from '../events/event-applier.js'
import { toFoldEntry } from './history.js'
import type { PastFolder } from './past-folder.js'
import type { History } from './history.js'
import type { LiveDocument } from './live-document.js'
import type { FoldEntry } from './merge/fold-entry.js'
import { foldLastWriter } from './merge/last-writer.js'

/** Folds documents from their events where the newest value can't simply be built upon. */
export class Folder {
  readonly #history: History

  constructor(history: History) {
    this.#history = history
  }

  /** Brings a document's value up to date with the events that were just applied to it. */
  async fold(document: LiveDocument, batch: readonly AppliedEvent[]): Promise<void> {
    if (document.policy === 'team') {
      if (document.team !== undefined) document.value = document.team.value()
      document.mustFold = false
      return
    }
    if (document.policy === 'consensus') {
      document.entries = await this.#entriesWith(document, batch)
      await this.#foldOrdered(document)
    } else if (document.mustFold || document.entries !== undefined) {
      const entries = await this.#entriesWith(document, batch)
      document.value = foldLastWriter(entries).value
    }
    document.mustFold = false
  }

  /** Those of the document, in memory or from the store, without what the batch replaces and with what it brings. */
  async #entriesWith(document: LiveDocument, batch: readonly AppliedEvent[]): Promise<FoldEntry[]> {
    const entries = document.entries ?? (await this.#history.foldEntries(await this.#history.pastOf(document.path)))
    const gone = new Set(batch.flatMap(({ replaced = [] }) => replaced.map(({ id }) => id)))
    if (gone.size === 0) {
      entries.push(...batch.map(({ event }) => toFoldEntry(event, undefined)))
      return entries
    }
    return [...entries.filter(({ id }) => !gone.has(id)), ...batch.map(({ event }) => toFoldEntry(event, undefined))]
  }

  /** A chain has given events their places, or taken them back. Said again, or with another level alone, that changes nothing. */
  async reorder(document: LiveDocument, receipts: readonly ReceiptChange[]): Promise<void> {
    document.entries ??= await this.#history.foldEntries(await this.#history.pastOf(document.path))
    const orders = new Map(receipts.map(({ event, after }) => [event, after.find((one) => one.order !== undefined)?.order]))
    let moved = false
    document.entries = document.entries.map((entry) => {
      const order = orders.get(entry.id)
      if (!orders.has(entry.id) || order?.join() === entry.order?.join()) return entry
      moved = true
      const { order: _before, ...rest } = entry
      return order === undefined ? rest : { ...rest, order }
    })
    if (moved) await this.#foldOrdered(document)
  }

  /** Loaded with the first document that a chain orders. */
  async #foldOrdered(document: LiveDocument): Promise<void> {
    const { foldOrdered } = await import('./fold-ordered.js')
    foldOrdered(document)
  }

  /** What folds a document from its whole past. Loaded when first needed. */
  async past(): Promise<PastFolder> {
    const { PastFolder: Past } = await import('./past-folder.js')
    return new Past(this.#history)
  }
}
