import type { StorageReport } from '../runtime-client.js'

/** What the browser says of this origin's storage; an origin that was not granted persistence may be evicted. */
export async function browserStorageFacts(): Promise<Pick<StorageReport, 'mode' | 'usage' | 'quota'>> {
  const [persisted, { usage, quota }] = await Promise.all([navigator.storage.persisted(), navigator.storage.estimate()])
  return { mode: persisted ? 'durable' : 'evictable', usage, quota }
}
