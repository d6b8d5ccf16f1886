import { SpiceTimeError } from '../../errors/spice-time-error.js'
import { closedError } from '../group-commit.js'
import { isKeyPair } from '../key-store.js'
import type { KeyStore, StoredKey } from '../key-store.js'
import { unwrap, wrap } from './level-backend.js'
import type { LevelDatabase } from './level-database.js'

/** Outside of what the store's keys can be. */
const PREFIX = '\u0001key/'
const FORMATS = { private: 'pkcs8', public: 'spki', secret: 'raw' } as const

interface KeyRecord {
  readonly algorithm: KeyAlgorithm
  readonly usages: KeyUsage[]
  /** Base64. */
  readonly data: string
  readonly type: keyof typeof FORMATS
}

/**
 * Keys in a LevelDB folder. Node has no place that keeps a key from being read, so they lie there in the clear, as
 * PKCS8, SPKI and raw bytes; what guards them is the folder's permission (0700: this user only). Keys must be extractable.
 */
export class LevelKeys implements KeyStore {
  readonly needsExtractable = true
  readonly #database: LevelDatabase
  readonly #closed: () => boolean

  constructor(database: LevelDatabase, closed: () => boolean) {
    this.#database = database
    this.#closed = closed
  }

  async get(name: string): Promise<StoredKey | undefined> {
    if (this.#closed()) throw closedError()
    const row = await this.#database.read((level) => level.get(PREFIX + name))
    if (row === undefined) return undefined
    const bytes = unwrap(row)
    if (bytes === undefined) throw damagedError(name)
    const records = parseRecords(new TextDecoder().decode(bytes))
    const [first, second] = await Promise.all(records.map(importRecord))
    if (first === undefined) throw damagedError(name)
    return second === undefined ? first : { privateKey: first, publicKey: second }
  }

  async put(name: string, key: StoredKey): Promise<void> {
    if (this.#closed()) throw closedError()
    const keys = isKeyPair(key) ? [key.privateKey, key.publicKey] : [key]
    if (keys.some((one) => !one.extractable)) {
      throw new SpiceTimeError('INPUT_MALFORMED', `The key '${name}' can't be stored in Node: make it extractable.`, { key: name })
    }
    const bytes = new TextEncoder().encode(JSON.stringify(await Promise.all(keys.map(exportRecord))))
    await this.#database.write((level) => level.put(PREFIX + name, wrap(bytes), { sync: true }))
  }
}

/** The checksum of the row has held, so this is what `put` wrote. */
function parseRecords(text: string): KeyRecord[] {
  const records: unknown = JSON.parse(text)
  return Array.isArray(records) ? records.filter(isRecord) : []
}

function isRecord(value: unknown): value is KeyRecord {
  return typeof value === 'object' && value !== null && 'algorithm' in value && 'usages' in value && 'data' in value && 'type' in value
}

async function exportRecord(key: CryptoKey): Promise<KeyRecord> {
  const data = new Uint8Array(await crypto.subtle.exportKey(FORMATS[key.type], key))
  return { algorithm: key.algorithm, usages: [...key.usages], type: key.type, data: Buffer.from(data).toString('base64') }
}

function importRecord(record: KeyRecord): Promise<CryptoKey> {
  const data = new Uint8Array(Buffer.from(record.data, 'base64'))
  return crypto.subtle.importKey(FORMATS[record.type], data, record.algorithm, true, record.usages)
}

function damagedError(name: string): SpiceTimeError {
  return new SpiceTimeError('RECORD_DAMAGED', `The stored key '${name}' is damaged. Restore the folder from a copy.`, { key: name })
}
