import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import { isKeyPair } from '../key-store.js'
import type { KeyStore, StoredKey } from '../key-store.js'
import type { OwnedWrites } from './owned-writes.js'
import { result } from './requests.js'
import { storageFailure } from './storage-failure.js'

/** WebCrypto keys as the browser keeps them: a non-extractable key stays one, and its bytes are never seen by a script. */
export class IndexedDbKeys implements KeyStore {
  readonly needsExtractable = false
  readonly #database: IDBDatabase
  readonly #ended: () => SpiceTimeError | undefined
  readonly #writes: () => OwnedWrites
  /** The few keys there are. */
  #kept: Promise<Map<string, StoredKey>> = Promise.resolve(new Map<string, StoredKey>())

  constructor(database: IDBDatabase, parts: { readonly writes: () => OwnedWrites; readonly ended: () => SpiceTimeError | undefined }) {
    this.#database = database
    this.#writes = parts.writes
    this.#ended = parts.ended
  }

  /** Reads the keys while the store opens, since nothing starts without the author's. */
  load(): void {
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
    const stored = isKeyPair(key) ? { privateKey: key.privateKey, publicKey: key.publicKey } : key
    await this.#writes().write(['keys'], { doing: `store the key '${name}'`, durability: 'strict' }, (transaction) => {
      transaction.objectStore('keys').put(stored, name)
    })
    this.load()
  }

  async #readAll(): Promise<Map<string, StoredKey>> {
    const transaction = this.#database.transaction('keys', 'readonly')
    const keys = transaction.objectStore('keys')
    const reading = Promise.all([result(keys.getAllKeys()), result<unknown[]>(keys.getAll())])
    transaction.commit()
    const [names, values] = await reading
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
