import type { AppliedEvent, ReceiptChange } from '../events/event-applier.js'
import { millisecondsOf } from '../model/event.js'
import type { EventId } from '../model/event.js'
import type { DocumentPath } from '../model/path.js'
import { fieldsOf } from '../model/path.js'
import type { MergePolicy } from '../model/state.js'
import type { Value } from '../model/value.js'
import type { StoreChange } from '../storage/store.js'
import { encodeDocumentRow } from './document-row.js'
import type { DocumentHeader } from './document-row.js'
import { afterReceipts, withHead } from './header-steps.js'
import { toFoldEntry } from './history.js'
import type { History, PastEvent } from './history.js'
import { countLevel, NO_LEVELS } from './levels.js'
import { LiveDocument } from './live-document.js'
import type { FoldEntry, Rejection } from './merge/fold-entry.js'
import { foldConsensus } from './merge/consensus.js'
import { foldLastWriter } from './merge/last-writer.js'
import { policyOfNeeds } from './merge-policy.js'
import { stateKeys } from './state-keys.js'

/** What a rebuilt document is until its transaction is written and the store can be read for it again. */
export interface RebuiltDocument {
  readonly value: Value | undefined
  readonly header: DocumentHeader
  readonly events: readonly PastEvent[]
  readonly entries: FoldEntry[]
  readonly space: string
}

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
      this.#foldOrdered(document)
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
    if (moved) this.#foldOrdered(document)
  }

  /** A document folded anew from those of its events that stay. */
  async rebuild(path: DocumentPath, gone: ReadonlySet<number>, changes: StoreChange[]): Promise<RebuiltDocument> {
    for await (const { position } of this.#history.changesAfter(path, 0)) {
      if (gone.has(position)) changes.push([stateKeys.change(path, position), undefined])
    }
    const past = await this.#history.pastOf(path)
    const events = past.filter((event) => !gone.has(event.position))
    const policy = this.#policyOf(events)
    const { foldPast } = await import('./past.js')
    const value = await foldPast(this.#history, events, policy)
    const header = await this.#headerOf(events, policy)
    changes.push(
      [stateKeys.merged(path), undefined],
      [stateKeys.document(path), events.length === 0 ? undefined : encodeDocumentRow(value, header)],
    )
    return { value, header, events, space: past[0]?.header.space ?? '', entries: await this.#history.foldEntries(events) }
  }

  /** A document whose row is lost, as its events make it; undefined when it has none. Writes nothing. */
  async refold(path: DocumentPath): Promise<Pick<RebuiltDocument, 'value' | 'header'> | undefined> {
    const { events, value, header } = await this.rebuild(path, new Set(), [])
    return events.length === 0 ? undefined : { value, header }
  }

  /** Why the fold left an event out. */
  async rejectionOf(path: DocumentPath, id: EventId, policy: MergePolicy): Promise<Rejection | undefined> {
    const past = await this.#history.pastOf(path)
    if (policy === 'team') {
      const event = past.find((one) => one.id === id)
      if (event === undefined || event.content.body.update !== undefined) return undefined
      return { code: 'POLICY_MISMATCH', reason: 'The document is merged by its team, and this event did not ask for it.' }
    }
    const entries = await this.#history.foldEntries(past)
    return (policy === 'consensus' ? foldConsensus(entries) : foldLastWriter(entries)).rejected.get(id)
  }

  /** The header of a document's past, as far as a past has one. */
  pastHeader(events: readonly PastEvent[], policy: MergePolicy): DocumentHeader {
    const document = new LiveDocument('' as DocumentPath)
    document.policy = policy
    for (const event of events) document.header = step(document.header, event)
    return withTrueHeads(document.rowHeader(), events)
  }

  async #headerOf(events: readonly PastEvent[], policy: MergePolicy): Promise<DocumentHeader> {
    const document = new LiveDocument('' as DocumentPath)
    document.policy = policy
    for (const event of events) {
      document.header = step(document.header, event)
      const after = await this.#history.receiptsOf(event)
      const { needs } = event.header
      if (after.length > 0)
        document.header = afterReceipts(document.header, {
          event: event.id,
          position: event.position,
          path: event.content.path,
          needs,
          before: [],
          after,
        })
    }
    if (policy === 'consensus') {
      document.entries = await this.#history.foldEntries(events)
      this.#foldOrdered(document)
    }
    return withTrueHeads(document.rowHeader(), events)
  }

  #foldOrdered(document: LiveDocument): void {
    const folded = foldConsensus(document.entries ?? [])
    document.value = folded.value
    document.header = { ...document.header, orderedHead: folded.head }
  }

  #policyOf(events: readonly PastEvent[]): MergePolicy {
    const asked = events.map((event) => policyOfNeeds(event.header.needs))
    return asked.includes('consensus') ? 'consensus' : asked.includes('team') ? 'team' : 'last-writer'
  }
}

function step(header: LiveDocument['header'], { id, position, header: { parents, time }, content }: PastEvent): LiveDocument['header'] {
  const headed = withHead(header, { id, parents, time })
  const replacesAll = (content.op === 'put' || content.op === 'remove') && fieldsOf(content.path).length === 0 && headed.heads.length === 1
  return {
    ...headed,
    levels: countLevel(replacesAll ? NO_LEVELS : headed.levels, 'local', 1),
    shapedSince: replacesAll ? position : headed.shapedSince,
    lastPosition: position,
    updatedAt: Math.max(headed.updatedAt, millisecondsOf(time)),
  }
}

/** What superseded others may have come after those who build on it. */
function withTrueHeads(header: DocumentHeader, events: readonly PastEvent[]): DocumentHeader {
  const named = new Set(events.flatMap((event) => event.header.parents))
  return { ...header, heads: header.heads.filter((head) => !named.has(head)) }
}
