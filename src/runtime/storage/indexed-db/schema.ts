import type { DBSchema, IDBPDatabase } from 'idb'
import type { StoredKey } from '../key-store.js'

/** The object stores of the one database. Keys are out of line. */
export interface Schema extends DBSchema {
  /** Sequence number to packed changes: append-only, deleted once they are in pages. */
  commits: { key: number; value: Uint8Array }
  /** Lowest key to packed, sorted entries. */
  pages: { key: string; value: Uint8Array }
  /** Place to what could not be read there. */
  damaged: { key: string; value: { key: string; reason: string; bytes: Uint8Array } }
  /** `OWNER_NOW` to the owner of the database, and the number of each earlier owner to a mark that it is gone. */
  owner: { key: number | string; value: OwnerRow | true }
  /** Name to WebCrypto keys, which may be non-extractable. */
  keys: { key: string; value: StoredKey }
}

/** Who owns the database: the number of its opening. */
export interface OwnerRow {
  readonly epoch: number
  /** Rows of the log up to this number are in pages. */
  readonly covered: number
}
export const OWNER_NOW = 'now'

/** What turns version n into n + 1, at index n, for object stores and packed format alike. Never change one that was released: append. */
export const UPGRADES: readonly ((database: IDBPDatabase<Schema>) => void)[] = [
  (database) => {
    database.createObjectStore('commits')
    database.createObjectStore('pages')
    database.createObjectStore('damaged')
    database.createObjectStore('keys')
    database.createObjectStore('owner')
  },
]

/** All object stores. */
export const STORES = ['commits', 'pages', 'damaged', 'keys', 'owner'] as const

export const SCHEMA_VERSION: number = UPGRADES.length
