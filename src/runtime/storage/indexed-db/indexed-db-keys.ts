import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import { isKeyPair } from '../key-store.js'
import type { KeyStore, StoredKey } from '../key-store.js'
import type { OwnedWrites } from './owned-writes.js'
import { result } from './requests.js'
import { storageFailure } from './storage-failure.js'

/** WebCrypto keys as the browser keeps them: a non-extractable key stays one, and its bytes are never seen by a script. */
export class IndexedDbKeys implements KeyStore {
  readonly needsExtractable = false
  readonly #ended: () => SpiceTimeError | undefined
  readonly #writes: () => OwnedWrites
  /** The few keys there are. */
  #kept: Promise<Map<string, StoredKey>> = Promise.resolve(new Map<string, StoredKey>())

  constructor(parts: { readonly writes: () => OwnedWrites; readonly ended: () => SpiceTimeError | undefined }) {
    this.#writes = parts.writes
    this.#ended = parts.ended
  }

  /** Reads the keys in the transaction that opens the store, since nothing starts without the author's. */
  load(transaction: IDBTransaction): void {
    this.#kept = readAll(transaction.objectStore('keys'))
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
    const kept = await this.#kept
    kept.set(name, stored)
  }

  #check(): void {
    const ended = this.#ended()
    if (ended !== undefined) throw ended
  }
}

async function readAll(keys: IDBObjectStore): Promise<Map<string, StoredKey>> {
  const [names, values] = await Promise.all([result(keys.getAllKeys()), result<unknown[]>(keys.getAll())])
  return new Map(names.flatMap((name, at) => (isStoredKey(values[at]) ? [[String(name), values[at]]] : [])))
}

function isStoredKey(value: unknown): value is StoredKey {
  if (value instanceof CryptoKey) return true
  if (typeof value !== 'object' || value === null || !('privateKey' in value) || !('publicKey' in value)) return false
  return value.privateKey instanceof CryptoKey && value.publicKey instanceof CryptoKey
}
