import { updateInBase } from './base-row.js'
import type { DocumentPath } from '../model/path.js'
import type { Store } from '../storage/store.js'
import type { Folder } from './folder.js'
import { updateIn } from './history.js'
import type { History } from './history.js'
import { LiveDocument } from './live-document.js'
import { decodeMerged } from './merged-row.js'
import { TeamDocument } from './merge/team.js'
import { stateKeys } from './state-keys.js'
import { documentIn, readDocument } from './stored-document.js'
import type { StoredDocument } from './stored-document.js'

/** Documents kept in memory between transactions. */
export const MAX_CACHED_DOCUMENTS = 512
/** A team document whose store has this many updates after its merged row gets a new one. */
const MERGE_AFTER = 64

/** The documents in memory: loaded when first touched, the least recently used ones dropped. */
export class DocumentCache {
  readonly #store: Store
  readonly #history: History
  readonly #folder: Folder
  readonly #documents = new Map<DocumentPath, LiveDocument>()
  /** Composed or absorbed into since the last transaction. */
  #touched = new Set<DocumentPath>()

  constructor(store: Store, history: History, folder: Folder) {
    this.#store = store
    this.#history = history
    this.#folder = folder
  }

  /** What is in memory already. */
  peek(path: DocumentPath): LiveDocument | undefined {
    return this.#documents.get(path)
  }

  /** What is known of a document, for who asks beside the intake: what he reads may be old before it is there, and is not kept. */
  async look(path: DocumentPath): Promise<Pick<LiveDocument, 'policy'> | undefined> {
    return this.#documents.get(path) ?? (await readDocument(this.#store, this.#folder, path))?.header
  }

  /** For the intake alone. */
  async open(path: DocumentPath): Promise<LiveDocument> {
    const known = this.#documents.get(path)
    if (known !== undefined) return known
    return this.#keep(path, await readDocument(this.#store, this.#folder, path))
  }

  /** Opens many with one read. */
  async openMany(paths: readonly DocumentPath[]): Promise<void> {
    const unknown = [...new Set(paths)].filter((path) => !this.#documents.has(path))
    const rows = await this.#store.getMany(unknown.map(stateKeys.document))
    for (const [index, path] of unknown.entries())
      this.#keep(path, await documentIn(rows[index], { store: this.#store, folder: this.#folder, path }))
  }

  #keep(path: DocumentPath, stored: StoredDocument | undefined): LiveDocument {
    const loaded = new LiveDocument(path, stored)
    const meanwhile = this.#documents.get(path)
    if (meanwhile !== undefined) return meanwhile
    this.#documents.set(path, loaded)
    return loaded
  }

  /** Builds the Yjs document of a team document. */
  async openTeam(document: LiveDocument, client: number): Promise<TeamDocument> {
    if (document.team !== undefined) return document.team
    if (document.rebuiltFrom !== undefined) {
      document.team = new TeamDocument(client, [...document.rebuiltFrom, ...document.unwritten])
      return document.team
    }
    const [merged, base] = await this.#store.getMany([stateKeys.merged(document.path), stateKeys.base(document.path)])
    const { position, update } =
      merged === undefined ? { position: 0, update: base === undefined ? undefined : updateInBase(base) } : decodeMerged(merged)
    const updates = update === undefined ? [] : [update]
    let tail = 0
    for await (const change of this.#history.changesAfter(document.path, position)) {
      const found = updateIn(change.row)
      if (found !== undefined) updates.push(found)
      tail++
    }
    document.mergeDue = tail >= MERGE_AFTER
    document.team = new TeamDocument(client, [...updates, ...document.unwritten])
    return document.team
  }

  touch(path: DocumentPath): void {
    this.#touched.add(path)
  }

  /**
   * Called when a transaction holds all that memory does. What it has just been given stays: until it is written the store shows what was before, and
   * the receipts that come in the same transaction ask for it once more.
   */
  settle(): void {
    const given = this.#touched
    this.#touched = new Set()
    for (const path of given) {
      const document = this.#documents.get(path)
      if (document !== undefined) document.rebuiltFrom = undefined
    }
    for (const [path, document] of this.#documents) {
      if (this.#documents.size <= MAX_CACHED_DOCUMENTS) break
      if (given.has(path)) continue
      document.team?.destroy()
      this.#documents.delete(path)
    }
  }

  /** Takes a document that was made elsewhere in place of the one in memory. */
  put(document: LiveDocument): void {
    this.drop(document.path)
    this.#documents.set(document.path, document)
    this.touch(document.path)
  }

  /** Moves a document to the end of those that are dropped. */
  use(document: LiveDocument): void {
    this.#documents.delete(document.path)
    this.#documents.set(document.path, document)
  }

  drop(path: DocumentPath): void {
    this.#documents.get(path)?.team?.destroy()
    this.#documents.delete(path)
  }

  /** Drops what a transaction that will not be written has touched. */
  forgetTouched(): void {
    for (const path of this.#touched) this.drop(path)
    this.#touched.clear()
  }

  clear(): void {
    for (const path of [...this.#documents.keys()]) this.drop(path)
    this.#touched.clear()
  }
}
