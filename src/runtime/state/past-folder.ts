import { shortIdOf } from '../codec/event-id.js'
import { millisecondsOf } from '../model/event.js'
import type { EventId } from '../model/event.js'
import type { DocumentPath } from '../model/path.js'
import { fieldsOf } from '../model/path.js'
import type { MergePolicy } from '../model/state.js'
import type { Value } from '../model/value.js'
import type { StoreChange } from '../storage/store.js'
import type { BaseDocument } from './base-row.js'
import { encodeDocumentRow } from './document-row.js'
import type { DocumentHeader } from './document-row.js'
import { foldOrdered } from './fold-ordered.js'
import { afterReceipts, isReplacing, withHead } from './header-steps.js'
import type { History, PastEvent } from './history.js'
import { countLevel, NO_LEVELS } from './levels.js'
import { LiveDocument } from './live-document.js'
import type { FoldEntry, Rejection } from './merge/fold-entry.js'
import { foldConsensus } from './merge/consensus.js'
import { foldLastWriter } from './merge/last-writer.js'
import { policyOfNeeds } from './merge-policy.js'
import { foldPast } from './past.js'
import { stateKeys } from './state-keys.js'

/** What a rebuilt document is until its transaction is written and the store can be read for it again. */
export interface RebuiltDocument {
  readonly value: Value | undefined
  readonly header: DocumentHeader
  readonly events: readonly PastEvent[]
  readonly base: BaseDocument | undefined
  readonly entries: FoldEntry[]
  readonly space: string
}

/** Folds documents anew from their whole past: after a fork, where a row was lost, and to say why an event has no effect. */
export class PastFolder {
  readonly #history: History

  constructor(history: History) {
    this.#history = history
  }

  /** A document folded anew from those of its events that stay. */
  async rebuild(path: DocumentPath, gone: ReadonlySet<number>, changes: StoreChange[]): Promise<RebuiltDocument> {
    for await (const { position } of this.#history.changesAfter(path, 0)) {
      if (gone.has(position)) changes.push([stateKeys.change(path, position), undefined])
    }
    const past = await this.#history.pastOf(path)
    const events = past.filter((event) => !gone.has(event.position))
    const base = await this.#history.baseOf(path)
    const policy = this.#policyOf(events, base)
    const value = await foldPast(this.#history, { events, base, policy })
    const header = await this.#headerOf(events, policy, base)
    changes.push(
      [stateKeys.merged(path), undefined],
      [stateKeys.document(path), events.length === 0 && base === undefined ? undefined : encodeDocumentRow(value, header)],
    )
    return { value, header, events, base, space: past[0]?.header.space ?? '', entries: await this.#history.foldEntries(events) }
  }

  /** A document whose row is lost, as its events make it; undefined when it has none. Writes nothing. */
  async refold(path: DocumentPath): Promise<Pick<RebuiltDocument, 'value' | 'header'> | undefined> {
    const { events, base, value, header } = await this.rebuild(path, new Set(), [])
    return events.length === 0 && base === undefined ? undefined : { value, header }
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
  pastHeader(events: readonly PastEvent[], policy: MergePolicy, base?: BaseDocument): DocumentHeader {
    const document = begun(policy, base)
    for (const event of events) document.header = step(document.header, event)
    return withTrueHeads(document.rowHeader(), events, base)
  }

  async #headerOf(events: readonly PastEvent[], policy: MergePolicy, base: BaseDocument | undefined): Promise<DocumentHeader> {
    const document = begun(policy, base)
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
      foldOrdered(document)
    }
    return withTrueHeads(document.rowHeader(), events, base)
  }

  #policyOf(events: readonly PastEvent[], base: BaseDocument | undefined): MergePolicy {
    const asked = events.map((event) => policyOfNeeds(event.header.needs))
    return asked.includes('consensus') ? 'consensus' : asked.includes('team') || base !== undefined ? 'team' : 'last-writer'
  }
}

/** A document before its events; what a base brought counts as one event, of whose level nothing is known any more. */
function begun(policy: MergePolicy, base: BaseDocument | undefined): LiveDocument {
  const document = new LiveDocument('' as DocumentPath)
  document.policy = policy
  if (base === undefined) return document
  const { heads, updatedAt, position } = base
  document.header = { ...document.header, heads, updatedAt, lastPosition: position, levels: countLevel(NO_LEVELS, 'local', 1) }
  return document
}

function step(header: LiveDocument['header'], { id, position, header: { parents, time }, content }: PastEvent): LiveDocument['header'] {
  const headed = withHead(header, { id, parents, time })
  const replacesAll = isReplacing(content.op) && fieldsOf(content.path).length === 0 && headed.heads.length === 1
  return {
    ...headed,
    levels: countLevel(replacesAll ? NO_LEVELS : headed.levels, 'local', 1),
    shapedSince: replacesAll ? position : headed.shapedSince,
    lastPosition: position,
    updatedAt: Math.max(headed.updatedAt, millisecondsOf(time)),
  }
}

/** What superseded others may have come after those who build on it; and some of what it superseded may be in the base. */
function withTrueHeads(header: DocumentHeader, events: readonly PastEvent[], base: BaseDocument | undefined): DocumentHeader {
  const named = new Set(events.flatMap((event) => event.header.parents))
  const begun = new Set(base?.heads)
  const superseded = new Set(begun.size === 0 ? [] : events.flatMap((event) => event.header.supersedes ?? []))
  return { ...header, heads: header.heads.filter((head) => !named.has(head) && !(begun.has(head) && superseded.has(shortIdOf(head)))) }
}
