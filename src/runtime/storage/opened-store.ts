import type { KeyStore } from './key-store.js'
import type { Store } from './store.js'

/** What opening a database gives: its records and its keys. Closing the store closes both. */
export interface OpenedStore {
  readonly store: Store
  readonly keys: KeyStore
}
