/** What a device says of the storage it gives. */
export interface StorageFacts {
  readonly mode: 'durable' | 'evictable' | 'memory'
  /** Bytes; undefined where the platform does not tell. */
  readonly usage: number | undefined
  readonly quota: number | undefined
}

/** What the browser says of this origin's storage; an origin that was not granted persistence may be evicted. */
export async function browserStorageFacts(): Promise<StorageFacts> {
  const [persisted, { usage, quota }] = await Promise.all([navigator.storage.persisted(), navigator.storage.estimate()])
  return { mode: persisted ? 'durable' : 'evictable', usage, quota }
}
