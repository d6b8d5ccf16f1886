import '../window-shim.js'
import { serveSharedWorker } from '../shared-worker-scope.js'
import { StandInRuntime } from './stand-in-runtime.js'

/** What a test may ask of the worker, over a BroadcastChannel of the worker's name. */
export type StandInOrder = 'report' | 'burst' | 'throw' | 'reject'
export interface StandInReport {
  readonly clients: number
  readonly streams: number
  readonly watches: number
}

const runtime = new StandInRuntime()
const host = serveSharedWorker(() => Promise.resolve(runtime))
const orders = new BroadcastChannel(String(Reflect.get(globalThis, 'name')))

orders.onmessage = (event: MessageEvent<StandInOrder>) => {
  if (event.data === 'report') orders.postMessage({ ...host.open, watches: runtime.watches.size } satisfies StandInReport)
  if (event.data === 'burst') for (let round = 1; round <= 1000; round += 1) runtime.set('me/tasks/burst', round)
  if (event.data === 'throw') {
    setTimeout(() => {
      throw new TypeError('thrown in the worker')
    })
  }
  if (event.data === 'reject') void Promise.reject(new RangeError('rejected in the worker'))
}
