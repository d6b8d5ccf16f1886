import { encodeText } from '../codec/text.js'
import type { PastSource } from '../events/event-source.js'
import type { AppliedEvent, AuthorOfSpace, EventApplier, ReceiptApplier, ReceiptChange } from '../events/event-applier.js'
import type { AuthorId, Event, EventBody, EventId } from '../model/event.js'
import { documentOf, parsePath } from '../model/path.js'
import type { DocumentPath, StatePath } from '../model/path.js'
import type { MergePolicy, State } from '../model/state.js'
import type { StateSnapshot } from '../model/state-change.js'
import type { Platform } from '../platform/platform.js'
import { turnsOf } from '../platform/turns.js'
import type { Store, StoreChange } from '../storage/store.js'
import { DocumentCache } from './document-cache.js'
import { DocumentComposer } from './document-composer.js'
import { encodeDocumentRow } from './document-row.js'
import { publishedDocument, stateOf } from './document-state.js'
import { Folder } from './folder.js'
import { afterEvent, afterReceipts } from './header-steps.js'
import { encodeChange, History } from './history.js'
import type { LiveDocument } from './live-document.js'
import type { LivePiece, LiveRequest } from './live-piece.js'
import type { SnapshotState } from './snapshot-state.js'
import type { Rejection } from './merge/fold-entry.js'
import { encodeMerged } from './merged-row.js'
import { packDocuments } from './packed-documents.js'
import { stateKeys } from './state-keys.js'
import { readDocument, readDocumentRow } from './stored-document.js'
import { WatchHub } from './watch-hub.js'
import type { PublishedDocument, StateSink, StateWatch } from './watch-hub.js'

export type { StateSink, StateWatch } from './watch-hub.js'
export type { MergedDocument, SnapshotState } from './snapshot-state.js'

export interface StateManagerParts {
  readonly store: Store
  readonly log: PastSource
  readonly platform: Platform
  readonly me: AuthorId
  /** The merge policy that a space declares for a document's collection. */
  readonly declaredPolicy: (document: DocumentPath) => MergePolicy | undefined
}

/** A document's state by its row alone; undefined above documents, and where the row is missing though it may have been there. */
export async function readStoredState(store: Store, path: StatePath): Promise<State | undefined> {
  const document = documentOf(path)
  if (document === undefined) return undefined
  const kept = await readDocumentRow(store, document)
  return kept === 'lost' ? undefined : stateOf(path, kept?.value, kept?.header)
}

/** The one writer of state: keeps every document's value beside the log, and tells who watches. */
export class StateManager implements EventApplier, ReceiptApplier {
  readonly composer: DocumentComposer
  readonly #parts: StateManagerParts
  readonly #cache: DocumentCache
  readonly #history: History
  readonly #folder: Folder
  readonly #hub: WatchHub
  /** What each transaction under way will have changed, in their order. */
  #inFlight: (readonly PublishedDocument[])[] = []
  /** Documents that the next transaction takes events back from. */
  #rebuilt: PublishedDocument[] = []

  constructor(parts: StateManagerParts) {
    this.#parts = parts
    this.#history = new History(parts.store, parts.log)
    this.#folder = new Folder(this.#history)
    this.#cache = new DocumentCache(parts.store, this.#history, this.#folder)
    this.composer = new DocumentComposer({
      ...parts,
      cache: this.#cache,
      history: this.#history,
      folder: this.#folder,
      onRebuilt: (document) => this.#rebuilt.push(document),
    })
    this.#hub = new WatchHub(parts.platform, {
      readState: (path) => this.read(path),
      snapshot: (path) => packDocuments(parts.store, path),
    })
  }

  // Reading

  /** The state at or below a document, from its row or, where that is lost, its events; never waits for a network. */
  async read(path: StatePath): Promise<State> {
    const document = documentOf(path)
    const kept = document === undefined ? undefined : await readDocument(this.#parts.store, this.#folder, document)
    return stateOf(path, kept?.value, kept?.header)
  }

  /** @throws SpiceTimeError EVENT_UNKNOWN, INPUT_MALFORMED, PAST_NOT_KEPT */
  async readAt(path: StatePath, document: DocumentPath, at: string | number): Promise<State> {
    const policy = await this.policyOf(document)
    const { readPast } = await import('./past.js')
    const past = await readPast(this.#history, document, { at, policy })
    const state = stateOf(path, past.value, undefined)
    return { ...state, ...stateOf(path, past.value, (await this.#folder.past()).pastHeader(past.events, policy, past.base)) }
  }

  /** @see History.bodyAt */
  bodyAt(document: DocumentPath, position: number): Promise<EventBody | undefined> {
    return this.#history.bodyAt(document, position)
  }

  snapshot(path: StatePath): AsyncIterableIterator<StateSnapshot> {
    return packDocuments(this.#parts.store, path)
  }

  watch(path: StatePath, sink: StateSink): StateWatch {
    return this.#hub.watch(path, sink)
  }

  get watches(): number {
    return this.#hub.size
  }

  /** What a copy of a team document with that Yjs state vector lacks. @throws SpiceTimeError POLICY_MISMATCH */
  liveSince(document: DocumentPath, request: LiveRequest): Promise<LivePiece> {
    return this.composer.liveSince(document, request)
  }

  /** @throws SpiceTimeError CLIENT_ID_FOREIGN unless the Yjs client id is one of the author's */
  checkClient(client: number, author: AuthorOfSpace): Promise<void> {
    return this.composer.checkClient(client, author)
  }

  /** Merged documents, out and in. Loaded when first asked for. */
  async snapshots(): Promise<SnapshotState> {
    const { SnapshotState: Snapshots } = await import('./snapshot-state.js')
    const publish = (documents: readonly PublishedDocument[]): void => this.#hub.publish(documents)
    return new Snapshots({ ...this.#parts, cache: this.#cache, history: this.#history, folder: this.#folder, publish })
  }

  async policyOf(document: DocumentPath): Promise<MergePolicy> {
    return (await this.#cache.look(document))?.policy ?? this.#parts.declaredPolicy(document) ?? 'team'
  }

  /** The states of all documents below a path. */
  async *statesUnder(path: StatePath): AsyncIterableIterator<State> {
    for await (const page of this.#parts.store.range(stateKeys.documentsUnder(path))) {
      for (const [key] of page) yield await this.read(parsePath(key.slice(2)))
    }
  }

  async isUndone(id: EventId): Promise<boolean> {
    return (await this.#parts.store.get(stateKeys.undone(id))) !== undefined
  }

  /** Events of a document that put a file at just this path, newest first. */
  async eventsAt(document: DocumentPath, path: StatePath): Promise<readonly EventId[]> {
    const past = await this.#history.pastOf(document)
    return past.flatMap(({ id, content }) => (content.op === 'file' && content.path === path ? [id] : [])).reverse()
  }

  /** Events of the same document that build on this one. */
  async childrenOf(event: Event): Promise<readonly EventId[]> {
    const document = documentOf(event.path)
    return document === undefined ? [] : await this.#history.childrenOf(document, event.id)
  }

  /** Why an applied event has no effect on its document; undefined when it has, or was replaced in the ordinary way. */
  async rejectionOf(event: Event): Promise<Rejection | undefined> {
    const path = documentOf(event.path)
    return path === undefined ? undefined : await (await this.#folder.past()).rejectionOf(path, event.id, await this.policyOf(path))
  }

  // EventApplier

  async apply(events: readonly AppliedEvent[], changes: StoreChange[]): Promise<void> {
    const touched = new Map<LiveDocument, AppliedEvent[]>()
    const turn = turnsOf(this.#parts.platform)
    for (const applied of events) {
      const { event, position, replaced = [] } = applied
      const path = documentOf(event.path)
      if (path === undefined) continue
      const turning = turn()
      if (turning !== undefined) await turning
      const document = await this.#cache.open(path)
      changes.push([stateKeys.change(path, position), encodeChange(event)])
      if (event.body.target !== undefined) changes.push([stateKeys.undone(event.body.target), encodeText(event.id)])
      for (const one of replaced) changes.push([stateKeys.change(path, one.position), undefined])
      if (replaced.length > 0) document.header = (await import('./replaced.js')).withoutReplaced(document.header, event.needs, replaced)
      document.header = afterEvent(document.header, applied)
      const batch = touched.get(document)
      if (batch === undefined) touched.set(document, [applied])
      else batch.push(applied)
    }
    const published: PublishedDocument[] = []
    for (const [document, batch] of touched) {
      const turning = turn()
      if (turning !== undefined) await turning
      await this.#folder.fold(document, batch)
      published.push(this.#write(document, changes))
    }
    this.#cache.settle()
    this.#inFlight.push([...this.#rebuilt.splice(0), ...published])
  }

  committed(): void {
    this.#hub.publish(this.#inFlight.shift() ?? [])
  }

  rolledBack(): void {
    this.#cache.clear()
    this.#inFlight = []
    this.#rebuilt = []
  }

  // ReceiptApplier

  async applyReceipts(receipts: readonly ReceiptChange[], changes: StoreChange[]): Promise<void> {
    const touched = new Map<LiveDocument, ReceiptChange[]>()
    for (const receipt of receipts) {
      const path = documentOf(receipt.path)
      if (path === undefined) continue
      const document = await this.#cache.open(path)
      document.header = afterReceipts(document.header, receipt)
      const batch = touched.get(document)
      if (batch === undefined) touched.set(document, [receipt])
      else batch.push(receipt)
    }
    for (const [document, batch] of touched) if (document.policy === 'consensus') await this.#folder.reorder(document, batch)
    this.#inFlight.push([...touched.keys()].map((document) => this.#write(document, changes)))
    this.#cache.settle()
  }

  committedReceipts(): void {
    this.committed()
  }

  #write(document: LiveDocument, changes: StoreChange[]): PublishedDocument {
    const header = document.rowHeader()
    changes.push([stateKeys.document(document.path), encodeDocumentRow(document.value, header)])
    if (document.mergeDue && document.team !== undefined) {
      changes.push([stateKeys.merged(document.path), encodeMerged({ position: header.lastPosition, update: document.team.encode() })])
      document.mergeDue = false
    }
    document.unwritten = []
    this.#cache.use(document)
    return publishedDocument(document.path, document.value, header)
  }
}
