import { getRaw, openRaw } from './raw-idb.js'
import { keyOf } from './records.js'

/** Raw `idb` behind a SharedWorker: what a runtime that all tabs share pays before it does anything itself. */
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void }
scope.onconnect = ({ ports }) => {
  for (const port of ports) {
    port.onmessage = async ({ data: count }: MessageEvent<number>) => {
      const database = await openRaw(`raw-large-${count}`)
      await getRaw(database, keyOf(count >> 1))
      port.postMessage('read')
    }
  }
}
