/**
 * Where a device keeps the keys that packed bytes can't hold: WebCrypto keys, one or a pair under a name.
 * A put that resolved is durable; a later put under the same name replaces.
 */
export interface KeyStore {
  /** Whether only extractable keys can be kept here (Node). A browser keeps any, so make them non-extractable there. */
  readonly needsExtractable: boolean
  /** @throws SpiceTimeError STORAGE_FAILED, STORAGE_CLOSED */
  get(name: string): Promise<StoredKey | undefined>
  /** @throws SpiceTimeError STORAGE_FULL, STORAGE_FAILED, STORAGE_CLOSED */
  put(name: string, key: StoredKey): Promise<void>
}

export type StoredKey = CryptoKey | CryptoKeyPair

/** Tells a pair from a single key. */
export function isKeyPair(key: StoredKey): key is CryptoKeyPair {
  return 'privateKey' in key
}
