import type { ParsedInput } from '../codec/input-codec.js'
import { encodeText } from '../codec/text.js'
import type { PastSource } from '../events/event-source.js'
import type { AppliedEvent, AuthorOfSpace, EventApplier, EventComposer, ReceiptApplier, ReceiptChange } from '../events/event-applier.js'
import type { AuthorId, Event, EventBody, EventId } from '../model/event.js'
import { documentOf, fieldsOf, parsePath } from '../model/path.js'
import type { DocumentPath, StatePath } from '../model/path.js'
import type { MergePolicy, State } from '../model/state.js'
import type { StateSnapshot } from '../model/state-change.js'
import { isValueMap } from '../model/value.js'
import type { Platform } from '../platform/platform.js'
import type { Store, StoreChange } from '../storage/store.js'
import { DocumentCache } from './document-cache.js'
import { decodeDocumentRow, encodeDocumentRow } from './document-row.js'
import { publishedDocument, stateOf } from './document-state.js'
import { Folder } from './folder.js'
import type { RebuiltDocument } from './folder.js'
import { afterEvent, afterReceipts, withHead } from './header-steps.js'
import { encodeChange, History, toFoldEntry } from './history.js'
import { LiveDocument } from './live-document.js'
import { checkPolicy, mergedPolicy } from './merge-policy.js'
import { ClientIds } from './merge/client-id.js'
import type { Rejection } from './merge/fold-entry.js'
import { compareWriters, tryApply } from './merge/last-writer.js'
import { applyPlain } from './merge/plain-operations.js'
import { TeamDocument } from './merge/team.js'
import { createFlatUpdate } from './merge/team-creation.js'
import { encodeMerged } from './merged-row.js'
import { packDocuments } from './packed-documents.js'
import { readPast } from './past.js'
import { checkExpect } from './expectation.js'
import { stateKeys } from './state-keys.js'
import { WatchHub } from './watch-hub.js'
import type { PublishedDocument, StateSink, StateWatch } from './watch-hub.js'

export type { StateSink, StateWatch } from './watch-hub.js'

export interface StateManagerParts {
  readonly store: Store
  readonly log: PastSource
  readonly platform: Platform
  readonly me: AuthorId
  /** The merge policy that a space declares for a document's collection. */
  readonly declaredPolicy: (document: DocumentPath) => MergePolicy | undefined
}

/** The one writer of state: composes own changes, takes in others', keeps every document's value beside the log, and tells who watches. */
export class StateManager implements EventComposer, EventApplier, ReceiptApplier {
  readonly #parts: StateManagerParts
  readonly #cache: DocumentCache
  readonly #clients = new ClientIds()
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
    this.#cache = new DocumentCache(parts.store, this.#history)
    this.#folder = new Folder(this.#history)
    this.#hub = new WatchHub(parts.platform, {
      readState: (path) => this.read(path),
      snapshot: (path) => packDocuments(parts.store, path),
    })
  }

  // Reading

  /** The state at or below a document, from memory or its row; never waits for a network. */
  async read(path: StatePath): Promise<State> {
    const document = documentOf(path)
    const row = document === undefined ? undefined : await this.#parts.store.get(stateKeys.document(document))
    if (document === undefined || row === undefined) return stateOf(path, undefined, undefined)
    const { value, header } = decodeDocumentRow(document, row)
    return stateOf(path, value, header)
  }

  /** @throws SpiceTimeError EVENT_UNKNOWN, INPUT_MALFORMED */
  async readAt(path: StatePath, document: DocumentPath, at: string | number): Promise<State> {
    const { policy } = await this.#cache.open(document)
    const past = await readPast(this.#history, document, { at, policy: policy ?? 'team' })
    const state = stateOf(path, past.value, undefined)
    return { ...state, ...stateOf(path, past.value, this.#folder.pastHeader(past.events, policy ?? 'team')) }
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

  async policyOf(document: DocumentPath): Promise<MergePolicy> {
    return (await this.#cache.open(document)).policy ?? this.#parts.declaredPolicy(document) ?? 'team'
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

  /** Events of the same document that build on this one. */
  async childrenOf(event: Event): Promise<readonly EventId[]> {
    const document = documentOf(event.path)
    return document === undefined ? [] : await this.#history.childrenOf(document, event.id)
  }

  /** Why an applied event has no effect on its document; undefined when it has, or was replaced in the ordinary way. */
  async rejectionOf(event: Event): Promise<Rejection | undefined> {
    const path = documentOf(event.path)
    return path === undefined ? undefined : await this.#folder.rejectionOf(path, event.id, await this.policyOf(path))
  }

  // EventComposer

  compose(input: ParsedInput, author: AuthorOfSpace): Promise<EventBody> | EventBody {
    const document = this.#cache.peek(input.document)
    const client = this.#clients.known(author)
    if (document !== undefined && client !== undefined) return this.#compose(input, document, client)
    return this.#composeLoading(input, author)
  }

  async #composeLoading(input: ParsedInput, author: AuthorOfSpace): Promise<EventBody> {
    const client = await this.#clients.of(author)
    return await this.#compose(input, await this.#cache.open(input.document), client)
  }

  #compose(input: ParsedInput, document: LiveDocument, client: number): Promise<EventBody> | EventBody {
    const policy = checkPolicy(input.document, document.policy, {
      needs: input.needs,
      declared: this.#parts.declaredPolicy(input.document),
    })
    const operation = { op: input.op, fields: fieldsOf(input.path), body: input.body }
    if (policy !== 'team') {
      if (policy === 'consensus') checkExpect(input, document)
      const value = applyPlain(document.value, operation)
      this.#change(document, policy).value = value
      return input.body
    }
    const { value } = input.body
    if (document.fresh && operation.fields.length === 0 && (input.op === 'put' || input.op === 'patch') && isValueMap(value)) {
      const update = createFlatUpdate(client, value)
      if (update !== undefined) {
        this.#change(document, policy).value = value
        document.unwritten.push(update)
        return { update }
      }
    }
    if (document.team !== undefined) return { update: this.#composeTeam(document, operation) }
    return this.#cache.openTeam(document, client).then(() => ({ update: this.#composeTeam(document, operation) }))
  }

  #composeTeam(document: LiveDocument, operation: Parameters<typeof applyPlain>[1]): Uint8Array {
    const update = document.team?.compose(operation) ?? new Uint8Array()
    this.#change(document, 'team')
    return update
  }

  async composeUndo(target: Event, author: AuthorOfSpace): Promise<EventBody> {
    const path = documentOf(target.path)
    if (path === undefined) return { target: target.id }
    const document = await this.#cache.open(path)
    this.#change(document, document.policy ?? 'team')
    if (document.policy !== 'team') {
      document.mustFold = true
      return { target: target.id }
    }
    const past = await this.#history.pastOf(path)
    const history = past.flatMap(({ id, content: { body } }) =>
      body.update === undefined ? [] : [{ id, update: body.update, ...(body.target === undefined ? {} : { target: body.target }) }],
    )
    const team = await this.#cache.openTeam(document, await this.#clients.of(author))
    return { update: team.composeUndo(history, target.id), target: target.id }
  }

  async absorb(event: Event): Promise<void> {
    const path = documentOf(event.path)
    if (path === undefined) return
    const document = await this.#cache.open(path)
    const declared = this.#parts.declaredPolicy(path)
    const policy = mergedPolicy(document.policy, event.needs, declared)
    this.#cache.touch(path)
    if (policy !== document.policy) document.mustFold ||= document.header.lastPosition > 0
    const { update } = event.body
    if (policy === 'team' && update !== undefined) {
      const own = await this.#clients.of({ author: this.#parts.me, space: event.space })
      const client = await this.#clients.of({ author: event.author, space: event.space })
      const team = await this.#cache.openTeam(document, own)
      team.integrate(update, client)
    } else if (policy === 'last-writer' && event.op !== 'undo' && compareWriters(event, document.header.lastWriter) > 0) {
      const outcome = tryApply(document.value, toFoldEntry(event, undefined))
      if ('value' in outcome) document.value = outcome.value
    } else document.mustFold = true
    this.#change(document, policy)
  }

  headsOf(path: DocumentPath): readonly EventId[] {
    return this.#cache.peek(path)?.header.heads ?? []
  }

  sealed(event: Event): void {
    const path = documentOf(event.path)
    const document = path === undefined ? undefined : this.#cache.peek(path)
    if (document !== undefined) document.header = withHead(document.header, event)
  }

  forget(): void {
    this.#cache.forgetTouched()
  }

  async rebuild(documents: readonly DocumentPath[], changes: StoreChange[]): Promise<void> {
    const gone = new Set(changes.flatMap(([key, value]) => (key.startsWith('e/') && value === undefined ? [Number(key.slice(2))] : [])))
    for (const path of documents) {
      const rebuilt = await this.#folder.rebuild(path, gone, changes)
      this.#cache.put(await this.#live(path, rebuilt))
      this.#rebuilt.push(publishedDocument(path, rebuilt.value, rebuilt.header))
    }
  }

  // EventApplier

  async apply(events: readonly AppliedEvent[], changes: StoreChange[]): Promise<void> {
    const touched = new Map<LiveDocument, AppliedEvent[]>()
    for (const applied of events) {
      const { event, position } = applied
      const path = documentOf(event.path)
      if (path === undefined) continue
      const document = await this.#cache.open(path)
      changes.push([stateKeys.change(path, position), encodeChange(event)])
      if (event.body.target !== undefined) changes.push([stateKeys.undone(event.body.target), encodeText(event.id)])
      document.header = afterEvent(document.header, applied)
      const batch = touched.get(document)
      if (batch === undefined) touched.set(document, [applied])
      else batch.push(applied)
    }
    const published: PublishedDocument[] = []
    for (const [document, batch] of touched) {
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
    const touched = new Set<LiveDocument>()
    for (const receipt of receipts) {
      const path = documentOf(receipt.path)
      if (path === undefined) continue
      const document = await this.#cache.open(path)
      document.header = afterReceipts(document.header, receipt)
      if (document.policy === 'consensus') await this.#folder.reorder(document, receipt)
      touched.add(document)
    }
    this.#inFlight.push([...touched].map((document) => this.#write(document, changes)))
    this.#cache.settle()
  }

  committedReceipts(): void {
    this.committed()
  }

  /** A rebuilt document in memory; the store still shows what it was. */
  async #live(path: DocumentPath, rebuilt: RebuiltDocument): Promise<LiveDocument> {
    const document = rebuilt.events.length === 0 ? new LiveDocument(path) : new LiveDocument(path, rebuilt)
    const client = await this.#clients.of({ author: this.#parts.me, space: rebuilt.space })
    document.entries = rebuilt.entries
    document.team = new TeamDocument(
      client,
      rebuilt.events.flatMap(({ content }) => content.body.update ?? []),
    )
    return document
  }

  #change(document: LiveDocument, policy: MergePolicy): LiveDocument {
    document.policy = policy
    this.#cache.touch(document.path)
    return document
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
