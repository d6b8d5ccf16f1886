import type { StreamSpec } from '../../workers/protocol.js'
import type { DiagnosticEntry } from '../diagnostics/diagnostics.js'
import type { State } from '../model/state.js'
import type { NetworkReport } from '../model/trace.js'
import type { Value } from '../model/value.js'
import type { ReadOptions, RuntimeClient, WaitOptions } from '../runtime-client.js'
import { LatestIterator } from './latest-iterator.js'
import { readTree } from './read-tree.js'
import { isAboveDocuments, stateReceiver } from './state-feed.js'
import type { StreamReceiver, Transport } from './transport.js'

/** The runtime as an application holds it, over any transport. */
export function createClient(transport: Transport): RuntimeClient {
  const watches = new Set<{ end(): void }>()

  const watch = <T>(stream: StreamSpec, makeReceiver: MakeReceiver<T>, shape: Shape<T>): LatestIterator<T> => {
    const iterator: LatestIterator<T> = new LatestIterator<T>({
      ...shape,
      start() {
        const closeStream = transport.open(stream, makeReceiver(iterator))
        watches.add(iterator)
        return () => {
          watches.delete(iterator)
          closeStream()
        }
      },
    })
    return iterator
  }

  return {
    get connection() {
      return transport.connection
    },
    onConnection: (listener) => transport.onConnection(listener),
    submitEvent: (input, options) => transport.call({ method: 'submitEvent', subject: [input], options }),
    submitEvents: (inputs, options) => transport.call({ method: 'submitEvents', subject: [inputs], options }),
    async getState<T = Value>(path: string, options?: ReadOptions): Promise<State<T>> {
      // What type a value has is the application's own knowledge.
      if (options?.at === undefined && isAboveDocuments(path)) return (await readTree(transport, path, options?.signal)) as State<T>
      const answer = await transport.call({ method: 'getState', subject: [path], options })
      return (answer.kind === 'state' ? answer.state : await readTree(transport, path, options?.signal)) as State<T>
    },
    watchState<T = Value>(path: string, options?: WaitOptions): AsyncIterableIterator<State<T>> {
      const states = watch<State>({ kind: 'state', path }, (iterator) => stateReceiver(path, iterator), { signal: options?.signal })
      return states as AsyncIterableIterator<State<T>>
    },
    doc: async (path, options) => (await import('../document.js')).openDocument(transport, path, options),
    reached: (id, level, options) => transport.call({ method: 'reached', subject: [id, level], options }),
    undo: (options) => transport.call({ method: 'undo', subject: [], options }),
    trace: (id, options) => transport.call({ method: 'trace', subject: [id], options }),
    events: (query) => transport.call({ method: 'events', subject: [], options: query }),
    networks: (options) => transport.call({ method: 'networks', subject: [], options }),
    watchNetworks: (options) =>
      watch<readonly NetworkReport[]>({ kind: 'networks' }, (iterator) => plainReceiver(iterator), { signal: options?.signal }),
    watchDiagnostics: (options) =>
      watch<readonly DiagnosticEntry[]>({ kind: 'diagnostics' }, (iterator) => plainReceiver(iterator), {
        signal: options?.signal,
        join: (held, next) => [...held, ...next].slice(-DIAGNOSTICS_HELD),
      }),
    ...plainCalls(transport),
    offer: async (...offer) => (await import('./offered-service.js')).offerService(transport, ...offer),
    async close() {
      for (const iterator of [...watches]) iterator.end()
      await transport.close()
    },
  }
}

type PlainCalls = Pick<
  RuntimeClient,
  | 'syncNetworks'
  | 'configureNetworks'
  | 'definePolicy'
  | 'policy'
  | 'storage'
  | 'spaces'
  | 'createSpace'
  | 'invite'
  | 'joinSpace'
  | 'members'
>

/** Calls that go to the runtime as they are. */
function plainCalls(transport: Transport): PlainCalls {
  return {
    syncNetworks: (options) => transport.call({ method: 'syncNetworks', subject: [], options }),
    configureNetworks: (settings, options) => transport.call({ method: 'configureNetworks', subject: [settings], options }),
    definePolicy: (policy, options) => transport.call({ method: 'definePolicy', subject: [policy], options }),
    policy: (options) => transport.call({ method: 'policy', subject: [], options }),
    storage: (options) => transport.call({ method: 'storage', subject: [], options }),
    spaces: (options) => transport.call({ method: 'spaces', subject: [], options }),
    createSpace: (options) => transport.call({ method: 'createSpace', subject: [], options }),
    invite: (space, options) => transport.call({ method: 'invite', subject: [space], options }),
    joinSpace: (invite, options) => transport.call({ method: 'joinSpace', subject: [invite], options }),
    members: (space, options) => transport.call({ method: 'members', subject: [space], options }),
  }
}

/** Entries that wait for a slow reader of diagnostics; the numbers show what it missed. */
const DIAGNOSTICS_HELD = 1000

type MakeReceiver<T> = (iterator: LatestIterator<T>) => StreamReceiver
interface Shape<T> {
  readonly signal?: AbortSignal | undefined
  readonly join?: (held: T, next: T) => T
}

/** For streams whose changes are the values themselves. */
function plainReceiver<T>(iterator: LatestIterator<T>): StreamReceiver {
  let begun = false
  return {
    change(change) {
      begun = true
      iterator.offer(() => change as T)
    },
    waits: () => !begun,
    restarted: () => void (begun = false),
    failed: (error) => iterator.fail(error),
  }
}
