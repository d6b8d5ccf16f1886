import { browserPlatform } from '../../../platform/browser.js'
import { bytes } from '../../../testing/sample-bytes.js'
import { openIndexedDbStore } from '../indexed-db-store.js'

/** A worker for tests: opens the database that it is told, fills it, asks for this and that, and spins for ever. */
addEventListener('message', (event: MessageEvent<string>) => {
  void spin(event.data)
})

async function spin(name: string): Promise<void> {
  const limits = { pageBytes: 2000, memtableBytes: 20_000, memtableRows: 10, cacheBytes: 0 }
  const { store } = await openIndexedDbStore({ platform: browserPlatform, name, limits })
  const keys = Array.from({ length: 300 }, (_, at) => `k/${String(at).padStart(3, '0')}`)
  for (let at = 0; at < keys.length; at += 10) await store.write(keys.slice(at, at + 10).map((key) => [key, bytes(key.repeat(20))]))
  const reads: Promise<unknown>[] = [
    store.getMany(['k/001', 'k/100', 'k/200']),
    store.getMany(keys),
    store.range({ from: 'k/', to: 'l' }).next(),
    store.range({ from: 'k/', to: 'l', reverse: true }).next(),
    store.write([['k/000', bytes('last')]]),
  ]
  for (const read of reads) read.catch(() => undefined)
  // The commit begins in a microtask.
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  postMessage('spinning')
  for (;;);
}
