import { parsePath } from './model/path.js'
import { levelRank, LEVELS } from './model/network.js'
import type { Level } from './model/network.js'
import type { StatePath } from './model/path.js'
import type { State } from './model/state.js'
import type { DocumentChange, StateChange } from './model/state-change.js'
import type { Value } from './model/value.js'
import { visitDocuments } from './page/packed-documents.js'
import type { DocumentVisitor } from './page/packed-documents.js'

/** The documents of one collection by entity. */
interface Collection {
  readonly path: string
  entities: { [entity: string]: Value }
  /** Whether `entities` was handed out: copied before it is changed again. */
  shown: boolean
  size: number
}

/**
 * The documents below a path with fewer than three segments, kept up to date by the changes of a watch. Values that were handed out
 * never change: what changes is copied first, the rest is shared, so that an unchanged document stays the same object.
 */
export class StateView implements DocumentVisitor {
  readonly #path: StatePath
  /** By path of the collection. */
  readonly #collections = new Map<string, Collection>()
  /** Ranks of the levels of documents; those that have the `#common` one, mostly all, are left out. */
  readonly #ranks = new Map<string, number>()
  #common = 0
  /** Documents by rank. */
  readonly #counts = LEVELS.map(() => 0)
  #size = 0
  #updatedAt = 0
  #complete = false
  #last: Collection | undefined

  constructor(path: string) {
    this.#path = parsePath(path)
  }

  /**
   * Takes a change in; true when there is a whole state to show.
   * @throws SpiceTimeError RECORD_DAMAGED
   */
  apply(change: Exclude<StateChange, { readonly kind: 'state' | 'live' }>): boolean {
    if (change.kind === 'documents') {
      for (const document of change.changes) this.#change(document)
      return this.#complete
    }
    if (this.#complete) this.#clear()
    for (const chunk of change.documents) this.#updatedAt = Math.max(this.#updatedAt, visitDocuments(chunk, this))
    this.#complete = change.complete
    return change.complete
  }

  /** The state now. Heads, pending events and networks are each document's own and are not gathered here. */
  state(): State {
    return {
      path: this.#path,
      value: this.#size === 0 ? undefined : this.#value(),
      heads: [],
      level: this.#lowest(),
      pending: [],
      networks: {},
      updatedAt: this.#updatedAt,
    }
  }

  /** Takes one document of a snapshot in; each comes once. */
  visit(path: string, value: Value | undefined, rank: number): void {
    if (this.#size === 0 && this.#ranks.size === 0) this.#common = rank
    this.#counts[rank] = (this.#counts[rank] ?? 0) + 1
    if (rank !== this.#common || value === undefined) this.#ranks.set(path, rank)
    if (value === undefined) return
    const collection = this.#collectionOf(path)
    collection.entities[path.slice(collection.path.length + 1)] = value
    collection.size += 1
    this.#size += 1
  }

  #change({ path, value, level, updatedAt }: DocumentChange): void {
    const collection = this.#collectionOf(path)
    const entity = path.slice(collection.path.length + 1)
    const known = Object.hasOwn(collection.entities, entity)
    const before = this.#ranks.get(path) ?? (known ? this.#common : undefined)
    const rank = levelRank(level)
    if (before !== undefined) this.#counts[before] = (this.#counts[before] ?? 0) - 1
    this.#counts[rank] = (this.#counts[rank] ?? 0) + 1
    this.#ranks.set(path, rank)
    this.#updatedAt = Math.max(this.#updatedAt, updatedAt)
    if (!known && value === undefined) return
    if (collection.shown) collection.entities = copy(collection.entities)
    collection.shown = false
    const step = value === undefined ? -1 : known ? 0 : 1
    collection.size += step
    this.#size += step
    if (value === undefined) delete collection.entities[entity]
    else collection.entities[entity] = value
  }

  #value(): Value {
    const value: { [collection: string]: Value } = {}
    for (const collection of this.#collections.values()) {
      if (collection.size === 0) continue
      collection.shown = true
      if (this.#path.includes('/')) return collection.entities
      value[collection.path.slice(this.#path.length + 1)] = collection.entities
    }
    return value
  }

  #collectionOf(document: string): Collection {
    const length = document.lastIndexOf('/')
    const last = this.#last
    if (last !== undefined && last.path.length === length && document.startsWith(last.path)) return last
    const path = document.slice(0, length)
    const collection = this.#collections.get(path) ?? { path, entities: {}, shown: false, size: 0 }
    this.#collections.set(path, collection)
    this.#last = collection
    return collection
  }

  #lowest(): Level {
    return LEVELS[this.#counts.findIndex((count) => count > 0)] ?? 'local'
  }

  #clear(): void {
    this.#collections.clear()
    this.#ranks.clear()
    this.#counts.fill(0)
    this.#size = 0
    this.#updatedAt = 0
    this.#last = undefined
  }
}

/** Spread takes twice to four times as long for tens of thousands of keys. */
function copy(entities: Collection['entities']): Collection['entities'] {
  const copied: Collection['entities'] = {}
  for (const entity in entities) {
    const value = entities[entity]
    if (value !== undefined) copied[entity] = value
  }
  return copied
}
