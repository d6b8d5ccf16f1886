import { SpiceTimeError } from './errors/spice-time-error.js'
import type { Host } from './page/host.js'

/**
 * The SharedWorker that every tab of an origin shares, one for each name.
 * @param make for bundlers that must see their own `new SharedWorker(…)` call
 */
export function sharedWorkerHost(name: string, make?: () => SharedWorker): Host {
  return {
    kind: 'shared-worker',
    open() {
      const worker = start(name, make)
      return {
        port: worker.port,
        onFailure(listener) {
          const onError = (event: Event): void =>
            listener(event instanceof ErrorEvent && event.message !== '' ? event.message : 'its script did not load')
          worker.addEventListener('error', onError)
          return () => worker.removeEventListener('error', onError)
        },
      }
    },
  }
}

function start(name: string, make: (() => SharedWorker) | undefined): SharedWorker {
  if (typeof SharedWorker === 'undefined') throw unavailable('This browser has no SharedWorker, or this page may not use it.')
  if (!isSecureContext) throw unavailable('This page is not a secure context, so it may not use Web Locks and WebCrypto.')
  try {
    return make?.() ?? new SharedWorker(new URL('../workers/runtime.shared-worker.ts', import.meta.url), { type: 'module', name })
  } catch (error) {
    throw unavailable(
      'The browser refused to start the shared worker (its URL must be of this page’s origin and allowed by its security policy).',
      error,
    )
  }
}

function unavailable(why: string, cause?: unknown): SpiceTimeError {
  const todo = 'Open the app over https or on localhost, in a current desktop browser, with site data allowed.'
  return new SpiceTimeError('WORKER_UNAVAILABLE', `${why} ${todo}`, {}, cause)
}
