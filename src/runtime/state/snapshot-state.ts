import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Base, CoveredEvents } from '../events/event-applier.js'
import type { AuthorId, EventId } from '../model/event.js'
import { documentOf, parsePath, spaceOf } from '../model/path.js'
import type { DocumentPath, SpaceId } from '../model/path.js'
import type { MergePolicy } from '../model/state.js'
import type { Value } from '../model/value.js'
import type { Store, StoreChange } from '../storage/store.js'
import { encodeBaseDocument } from './base-row.js'
import type { DocumentCache } from './document-cache.js'
import { encodeDocumentRow } from './document-row.js'
import type { DocumentHeader } from './document-row.js'
import { publishedDocument } from './document-state.js'
import type { Folder } from './folder.js'
import { updateIn } from './history.js'
import type { History } from './history.js'
import { countLevel } from './levels.js'
import { LiveDocument } from './live-document.js'
import { clientIdOf } from './merge/client-id.js'
import { TeamDocument } from './merge/team.js'
import { checkWholeDocument } from './merge/team-snapshot.js'
import { decodeMerged, encodeMerged } from './merged-row.js'
import { stateKeys } from './state-keys.js'
import { readDocument } from './stored-document.js'
import type { PublishedDocument } from './watch-hub.js'

/** A team document in a snapshot. */
export interface MergedDocument {
  readonly path: DocumentPath
  readonly heads: readonly EventId[]
  /** Milliseconds since 1970. */
  readonly updatedAt: number
  /** A Yjs update (V2) that holds it all. */
  readonly update: Uint8Array
}

export interface AdoptedSpace {
  readonly id: SpaceId
  /** What it is called on networks. */
  readonly reference: string
  readonly base: Base
  readonly covered: CoveredEvents
}

export interface SnapshotStateParts {
  readonly store: Store
  readonly cache: DocumentCache
  readonly history: History
  readonly folder: Folder
  readonly me: AuthorId
  readonly declaredPolicy: (document: DocumentPath) => MergePolicy | undefined
  /** Tells watchers. */
  readonly publish: (documents: readonly PublishedDocument[]) => void
}

/** Documents whose rows are read at once. */
const PAGE = 256

/** Merged documents, out of the state and into it. */
export class SnapshotState {
  readonly #parts: SnapshotStateParts

  constructor(parts: SnapshotStateParts) {
    this.#parts = parts
  }

  /** A document as the store has it; its policy alone where it is not merged by its team; undefined when there is none. */
  async merged(path: DocumentPath): Promise<MergedDocument | Exclude<MergePolicy, 'team'> | undefined> {
    const { store, folder, history } = this.#parts
    const kept = await readDocument(store, folder, path)
    if (kept === undefined || kept.header.policy !== 'team') return kept?.header.policy as Exclude<MergePolicy, 'team'> | undefined
    const row = await store.get(stateKeys.merged(path))
    const { position, update } = row === undefined ? { position: 0, update: undefined } : decodeMerged(row)
    const updates = update === undefined ? [] : [update]
    for await (const change of history.changesAfter(path, position)) updates.push(...optional(updateIn(change.row)))
    const { heads, updatedAt } = kept.header
    return { path, heads, updatedAt, update: joined(updates) }
  }

  /**
   * Puts a snapshot's documents where this device's are, beside what it has written itself.
   * @returns what to call once the transaction is durable
   * @throws SpiceTimeError SNAPSHOT_REFUSED
   */
  async adopt(documents: readonly MergedDocument[], space: AdoptedSpace, changes: StoreChange[]): Promise<() => void> {
    const clients = await Promise.all([...space.base.tips.keys()].map((author) => clientIdOf(space.reference, author)))
    const published: PublishedDocument[] = []
    for (let start = 0; start < documents.length; start += PAGE) {
      const page = documents.slice(start, start + PAGE)
      for (const document of page) this.#check(document, space.id)
      const rows = await this.#parts.store.getMany(page.map(({ path }) => stateKeys.document(path)))
      for (const [index, document] of page.entries()) {
        checkWholeDocument(document.update, clients)
        const known = rows[index] !== undefined || this.#parts.cache.peek(document.path) !== undefined
        published.push(known ? await this.#join(document, space, changes) : this.#begin(document, space, changes))
      }
    }
    return () => this.#parts.publish(published)
  }

  #check({ path }: MergedDocument, space: SpaceId): void {
    const parsed = parsePath(path)
    const declared = this.#parts.declaredPolicy(path)
    if (documentOf(parsed) !== parsed || spaceOf(parsed) !== space || (declared !== undefined && declared !== 'team'))
      throw refused(`it holds '${parsed}', which is no document that the space's team merges`)
  }

  /** Nothing of the document is here. */
  #begin(document: MergedDocument, { base }: AdoptedSpace, changes: StoreChange[]): PublishedDocument {
    const team = new TeamDocument(0)
    take(team, document)
    const value = team.value()
    team.destroy()
    const { heads } = document
    const header = withBase(new LiveDocument(document.path).header, document, { base, heads })
    return write({ document, base, value, header: { ...header, policy: 'team', level: base.level } }, changes)
  }

  /** This device, or another network, has brought something of it before. */
  async #join(document: MergedDocument, { base, covered, reference }: AdoptedSpace, changes: StoreChange[]): Promise<PublishedDocument> {
    const { cache, history, me } = this.#parts
    const live = await cache.open(document.path)
    cache.touch(document.path)
    const isOld = await Promise.all(live.header.heads.map((head) => covered.has(reference, head)))
    // Some of them may have been superseded here.
    const begun = await Promise.all(document.heads.map((head) => history.standing(head)))
    const heads = [...new Set([...begun, ...live.header.heads.filter((_head, index) => isOld[index] === false)])]
    live.header = withBase(live.header, document, { base, heads })
    if (live.policy !== 'consensus') {
      const team = await cache.openTeam(live, await clientIdOf(reference, me))
      take(team, document)
      live.policy = 'team'
      live.value = team.value()
      changes.push([stateKeys.merged(document.path), encodeMerged({ position: live.header.lastPosition, update: team.encode() })])
    }
    return write({ document, base, value: live.value, header: live.rowHeader() }, changes)
  }
}

interface Written {
  readonly document: MergedDocument
  readonly base: Base
  readonly value: Value | undefined
  readonly header: DocumentHeader
}

function write({ document, base, value, header }: Written, changes: StoreChange[]): PublishedDocument {
  const { path, heads, updatedAt, update } = document
  changes.push(
    [stateKeys.base(path), encodeBaseDocument({ heads, updatedAt, position: base.position, update })],
    [stateKeys.document(path), encodeDocumentRow(value, header)],
  )
  return publishedDocument(path, value, header)
}

/** A header beside which a base has come: one more event, so to speak, at the level that the network gave the snapshot. */
function withBase(
  header: LiveDocument['header'],
  { updatedAt }: MergedDocument,
  { base, heads }: { readonly base: Base; readonly heads: readonly EventId[] },
): LiveDocument['header'] {
  const { network, level, reference, at, position } = base
  return {
    ...header,
    heads,
    levels: countLevel(header.levels, level, 1),
    shapedSince: 0,
    lastPosition: Math.max(header.lastPosition, position),
    networks: { ...header.networks, [network]: { level, reference, at } },
    updatedAt: Math.max(header.updatedAt, updatedAt),
  }
}

function take(team: TeamDocument, { path, update }: MergedDocument): void {
  try {
    team.take(update)
  } catch (error) {
    throw refused(`its document '${path}' is not whole`, error)
  }
}

function joined(updates: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = updates
  if (first !== undefined && others.length === 0) return first
  const team = new TeamDocument(0, updates)
  const update = team.encode()
  team.destroy()
  return update
}

function optional<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value]
}

function refused(why: string, cause?: unknown): SpiceTimeError {
  return new SpiceTimeError('SNAPSHOT_REFUSED', `A snapshot was refused: ${why}. The space's past is fetched instead.`, {}, cause)
}
