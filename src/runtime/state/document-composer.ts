import type { ParsedInput } from '../codec/input-codec.js'
import type { AuthorOfSpace, EventComposer, ReplacedEvent, UnitedEvents } from '../events/event-applier.js'
import type { AuthorId, Event, EventBody, EventId } from '../model/event.js'
import { documentOf, fieldsOf } from '../model/path.js'
import type { DocumentPath } from '../model/path.js'
import type { MergePolicy } from '../model/state.js'
import { isValueMap } from '../model/value.js'
import type { StoreChange } from '../storage/store.js'
import type { DocumentCache } from './document-cache.js'
import { checkExpect } from './expectation.js'
import type { Folder } from './folder.js'
import { withHead } from './header-steps.js'
import type { History } from './history.js'
import type { LiveDocument } from './live-document.js'
import type { LivePiece, LiveRequest } from './live-piece.js'
import { checkPolicy, notLive } from './merge-policy.js'
import { ClientIds, foreignClient, isClientOf } from './merge/client-id.js'
import { applyPlain } from './merge/plain-operations.js'
import type { PlainOperation } from './merge/plain-operations.js'
import { createFlatUpdate } from './merge/team-creation.js'
import type { PublishedDocument } from './watch-hub.js'

export interface DocumentComposerParts {
  readonly cache: DocumentCache
  readonly history: History
  readonly folder: Folder
  readonly me: AuthorId
  readonly declaredPolicy: (document: DocumentPath) => MergePolicy | undefined
  /** A document lost events and was folded anew; its transaction is still to be written. */
  readonly onRebuilt: (document: PublishedDocument) => void
}

/** Changes documents in memory, ahead of the transaction that writes them: own operations become bodies, others' events are taken in. */
export class DocumentComposer implements EventComposer {
  readonly #parts: DocumentComposerParts
  readonly #clients = new ClientIds()

  constructor(parts: DocumentComposerParts) {
    this.#parts = parts
  }

  compose(input: ParsedInput, author: AuthorOfSpace): Promise<EventBody> | EventBody {
    const document = this.#parts.cache.peek(input.document)
    const client = this.#clients.known(author)
    if (document !== undefined && client !== undefined) return this.#compose(input, document, client)
    return this.#composeLoading(input, author)
  }

  async #composeLoading(input: ParsedInput, author: AuthorOfSpace): Promise<EventBody> {
    const client = await this.#clients.of(author)
    return await this.#compose(input, await this.#parts.cache.open(input.document), client)
  }

  #compose(input: ParsedInput, document: LiveDocument, client: number): Promise<EventBody> | EventBody {
    const policy = checkPolicy(input.document, document.policy, {
      needs: input.needs,
      declared: this.#parts.declaredPolicy(input.document),
    })
    const operation = { op: input.op, fields: fieldsOf(input.path), body: input.body }
    if (policy !== 'team') {
      if (input.body.update !== undefined) throw notLive(input.document)
      if (policy === 'consensus') checkExpect(input, document)
      const value = applyPlain(document.value, operation)
      if (policy === 'consensus' && document.fresh) document.entries ??= []
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
    // Who keeps content must see which: a Yjs update does not tell.
    const named = input.op === 'file' && value !== undefined ? { value } : {}
    if (document.team !== undefined) return { update: this.#composeTeam(document, operation), ...named }
    return this.#parts.cache.openTeam(document, client).then(() => ({ update: this.#composeTeam(document, operation), ...named }))
  }

  #composeTeam(document: LiveDocument, operation: PlainOperation): Uint8Array {
    // Before: should an edit be refused half-way, the document is loaded anew.
    this.#change(document, 'team')
    const update = document.team?.compose(operation) ?? new Uint8Array()
    document.unwritten.push(update)
    return update
  }

  /** Loaded with the first editor. */
  async liveSince(path: DocumentPath, request: LiveRequest): Promise<LivePiece> {
    const { livePiece } = await import('./live-piece.js')
    return await livePiece(path, request, { ...this.#parts, clients: this.#clients })
  }

  async checkClient(client: number, author: AuthorOfSpace): Promise<void> {
    if (!isClientOf(client, await this.#clients.of(author))) throw foreignClient()
  }

  async composeUndo(target: Event, author: AuthorOfSpace): Promise<EventBody> {
    const path = documentOf(target.path)
    if (path === undefined) return { target: target.id }
    const document = await this.#parts.cache.open(path)
    this.#change(document, document.policy ?? 'team')
    // Loaded at the first undo.
    const { undoBody } = await import('./undoable.js')
    return await undoBody(document, target.id, { ...this.#parts, client: await this.#clients.of(author) })
  }

  foresee(documents: readonly DocumentPath[]): Promise<void> {
    return this.#parts.cache.openMany(documents)
  }

  /** Loaded when a network first brings something. */
  readyToAbsorb(): Promise<typeof import('./absorbing.js')> {
    return import('./absorbing.js')
  }

  async absorb(event: Event): Promise<void> {
    const { absorb } = await this.readyToAbsorb()
    await absorb(event, { ...this.#parts, clients: this.#clients })
  }

  headsOf(path: DocumentPath): readonly EventId[] {
    return this.#parts.cache.peek(path)?.header.heads ?? []
  }

  sealed(event: Event, replaced: readonly Pick<ReplacedEvent, 'id'>[] = []): void {
    const path = documentOf(event.path)
    const document = path === undefined ? undefined : this.#parts.cache.peek(path)
    if (document === undefined) return
    document.header = withHead(document.header, event, replaced)
    if (replaced.length > 0) this.#parts.cache.touch(document.path)
  }

  async unite(events: readonly Event[]): Promise<UnitedEvents | undefined> {
    // Loaded when something was written faster than it could be sent.
    return (await import('./united-events.js')).uniteEvents(events, this.#parts.cache)
  }

  async covers(event: Event, others: readonly Event[]): Promise<boolean> {
    return (await import('./united-events.js')).coversEvents(event, others)
  }

  forget(): void {
    this.#parts.cache.forgetTouched()
  }

  async rebuild(documents: readonly DocumentPath[], changes: StoreChange[]): Promise<void> {
    const { rebuildAll } = await import('./rebuilding.js')
    await rebuildAll(documents, { ...this.#parts, clients: this.#clients }, changes)
  }

  #change(document: LiveDocument, policy: MergePolicy): LiveDocument {
    document.policy = policy
    this.#parts.cache.touch(document.path)
    return document
  }
}
