import type { State } from '../model/state.js'
import { abortedError } from './call-errors.js'
import { stateReceiver } from './state-feed.js'
import type { Transport } from './transport.js'

/**
 * Reads the documents below a path once: in pieces, as a watch begins, so that the page decodes while the worker still reads.
 * @throws SpiceTimeError PATH_MALFORMED, STORAGE_FAILED, ABORTED, RUNTIME_CLOSED
 */
export function readTree(transport: Transport, path: string, signal?: AbortSignal): Promise<State> {
  return new Promise((resolve, reject) => {
    let close = (): void => undefined
    let settled = false
    const settle = (end: () => void): void => {
      settled = true
      signal?.removeEventListener('abort', onAbort)
      close()
      end()
    }
    const onAbort = (): void => settle(() => reject(abortedError('getState', signal)))
    if (signal?.aborted === true) return onAbort()
    signal?.addEventListener('abort', onAbort)
    const target = {
      offer: (make: () => State) => settle(() => resolve(make())),
      fail: (error: unknown) => settle(() => reject(error)),
    }
    close = transport.open({ kind: 'state', path }, stateReceiver(path, target))
    if (settled) close()
  })
}
