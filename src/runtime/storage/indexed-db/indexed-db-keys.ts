import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import { isKeyPair } from '../key-store.js'
import type { KeyStore, StoredKey } from '../key-store.js'
import { completed, result } from './requests.js'
import { storageFailure } from './storage-failure.js'

/** WebCrypto keys as the browser keeps them: a non-extractable key stays one, and its bytes are never seen by a script. */
export class IndexedDbKeys implements KeyStore {
  readonly needsExtractable = false
  readonly #database: IDBDatabase
  readonly #ended: () => SpiceTimeError | undefined
  /** The few keys there are: read while the store opens, since nothing starts without the author's. */
  #kept: Promise<Map<string, StoredKey>>

  constructor(database: IDBDatabase, ended: () => SpiceTimeError | undefined) {
    this.#database = database
    this.#ended = ended
    this.#kept = this.#readAll()
    // Told to whoever asks for a key.
    this.#kept.catch(() => undefined)
  }

  async get(name: string): Promise<StoredKey | undefined> {
    this.#check()
    try {
      return (await this.#kept).get(name)
    } catch (error) {
      throw storageFailure(error, `read the key '${name}'`)
    }
  }

  async put(name: string, key: StoredKey): Promise<void> {
    this.#check()
    try {
      const transaction = this.#database.transaction('keys', 'readwrite', { durability: 'strict' })
      const stored = isKeyPair(key) ? { privateKey: key.privateKey, publicKey: key.publicKey } : key
      transaction.objectStore('keys').put(stored, name)
      transaction.commit()
      await completed(transaction)
      this.#kept = this.#readAll()
    } catch (error) {
      throw storageFailure(error, `store the key '${name}'`)
    }
  }

  async #readAll(): Promise<Map<string, StoredKey>> {
    const keys = this.#database.transaction('keys', 'readonly').objectStore('keys')
    const [names, values] = await Promise.all([result(keys.getAllKeys()), result<unknown[]>(keys.getAll())])
    return new Map(names.flatMap((name, at) => (isStoredKey(values[at]) ? [[String(name), values[at]]] : [])))
  }

  #check(): void {
    const ended = this.#ended()
    if (ended !== undefined) throw ended
  }
}

function isStoredKey(value: unknown): value is StoredKey {
  if (value instanceof CryptoKey) return true
  if (typeof value !== 'object' || value === null || !('privateKey' in value) || !('publicKey' in value)) return false
  return value.privateKey instanceof CryptoKey && value.publicKey instanceof CryptoKey
}
