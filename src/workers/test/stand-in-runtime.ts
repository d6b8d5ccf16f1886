import { encode } from '@ipld/dag-cbor'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import type { EventId, EventInput } from '../../runtime/model/event.js'
import { levelRank } from '../../runtime/model/network.js'
import { OfferedServices } from '../../runtime/offered-services.js'
import { browserPlatform } from '../../runtime/platform/browser.js'
import { depthOf, documentOf, isWithin, parsePath } from '../../runtime/model/path.js'
import type { StatePath } from '../../runtime/model/path.js'
import type { State } from '../../runtime/model/state.js'
import type { StateAnswer, StateChange } from '../../runtime/model/state-change.js'
import type { RoutingPolicy } from '../../runtime/model/routing-policy.js'
import type { NetworkReport } from '../../runtime/model/trace.js'
import type { Value } from '../../runtime/model/value.js'
import type { AskSink, PageAnswer } from '../page-ask.js'
import type { ChangeSink, KeyOptions, RuntimeService, StateSubscription } from '../runtime-service.js'

interface Watch {
  readonly path: StatePath
  readonly sink: ChangeSink
  waiting: StateChange | undefined
}
interface Held {
  readonly value: Value | undefined
  readonly updatedAt: number
}

/** A runtime in memory with just enough of the real one's behaviour to test what is between it and its pages. */
export class StandInRuntime implements RuntimeService {
  readonly documents = new Map<string, Held>()
  readonly watches = new Set<Watch>()
  /** Calls of `reached` that nobody has answered yet. */
  readonly waiting = new Set<AbortSignal | undefined>()
  /** Keys of submits in the order in which they took effect, each once. */
  readonly keys: string[] = []
  readonly #byKey = new Map<string, EventId>()
  networkListeners = new Set<(reports: readonly NetworkReport[]) => void>()
  readonly pages = new OfferedServices(browserPlatform)
  closed = false
  #count = 0
  #gate: Promise<void> = Promise.resolve()

  /** Makes submits wait until the returned function is called. */
  holdSubmits(): () => void {
    let release = (): void => undefined
    this.#gate = new Promise((resolve) => (release = resolve))
    return release
  }

  async submitEvent(input: EventInput, options: KeyOptions = {}): Promise<EventId> {
    await this.#gate
    const known = options.key === undefined ? undefined : this.#byKey.get(options.key)
    if (known !== undefined) return known
    const path = documentOf(parsePath(input.path))
    if (path === undefined || input.op !== 'put') throw refusal(input)
    this.set(path, input.value)
    const id = `event-${++this.#count}` as EventId
    if (options.key !== undefined) {
      this.#byKey.set(options.key, id)
      this.keys.push(options.key)
    }
    return id
  }

  async submitEvents(inputs: readonly EventInput[], options: KeyOptions = {}): Promise<readonly EventId[]> {
    const ids: EventId[] = []
    for (const input of inputs) ids.push(await this.submitEvent(input))
    if (options.key !== undefined) this.keys.push(options.key)
    return ids
  }

  async getState(path: string): Promise<StateAnswer> {
    return this.#now(parsePath(path))
  }

  live(): Promise<void> {
    return Promise.resolve()
  }

  async subscribeState(path: string, sink: ChangeSink): Promise<StateSubscription> {
    const watch: Watch = { path: parsePath(path), sink, waiting: undefined }
    this.watches.add(watch)
    this.#deliver(watch, this.#now(watch.path))
    return { resume: () => this.#deliver(watch, watch.waiting), unsubscribe: () => this.watches.delete(watch) }
  }

  async offer(service: string, page: AskSink): Promise<() => void> {
    return this.pages.offer(service, page)
  }

  async answer(answer: PageAnswer): Promise<void> {
    this.pages.answer(answer)
  }

  subscribeNetworks(listener: (reports: readonly NetworkReport[]) => void): () => void {
    this.networkListeners.add(listener)
    listener([report('connected')])
    return () => this.networkListeners.delete(listener)
  }

  reached(_id: string, _level: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options
    this.waiting.add(signal)
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        this.waiting.delete(signal)
        reject(new SpiceTimeError('ABORTED', 'reached was called off.'))
      })
    })
  }

  async undo(options: KeyOptions = {}): Promise<EventId> {
    if (options.key !== undefined) this.keys.push(options.key)
    return `undo-${++this.#count}` as EventId
  }

  trace = (id: string): Promise<never> => Promise.reject(deepRefusal(id))
  events = (): Promise<readonly never[]> => Promise.resolve([])
  networks = (): Promise<readonly NetworkReport[]> => Promise.resolve([report('connected')])
  configureNetworks = (): Promise<void> => Promise.resolve()
  syncNetworks = (): Promise<void> => Promise.resolve()
  definePolicy = (): Promise<void> => Promise.resolve()
  policy = (): Promise<RoutingPolicy> => Promise.resolve({})
  spaces = (): Promise<readonly never[]> => Promise.resolve([])
  members = (): Promise<readonly never[]> => Promise.resolve([])
  invite = (space: string): Promise<string> => Promise.resolve(`#spicetime=${space}`)
  createSpace = (): Promise<never> => Promise.reject(new Error('The stand-in has no spaces.'))
  joinSpace = (): Promise<never> => Promise.reject(new Error('The stand-in has no spaces.'))
  storage: RuntimeService['storage'] = () =>
    Promise.resolve({ mode: 'memory', usage: undefined, quota: undefined, author: 'author', events: this.#count, damaged: [] })

  async close(): Promise<void> {
    this.closed = true
  }

  /** Changes a document and tells the watches. */
  set(path: string, value: Value | undefined): void {
    this.documents.set(path, { value, updatedAt: ++this.#count })
    for (const watch of this.watches) {
      if (isWithin(path, watch.path) || isWithin(watch.path, path)) this.#deliver(watch, this.#change(watch.path, path))
    }
  }

  #deliver(watch: Watch, change: StateChange | undefined): void {
    watch.waiting = undefined
    if (change === undefined) return
    if (watch.sink.ready()) watch.sink.deliver(change)
    else watch.waiting = depthOf(watch.path) < 3 ? this.#now(watch.path) : change
  }

  #change(watched: StatePath, path: string): StateChange {
    const document = documentOf(parsePath(path))
    if (depthOf(watched) >= 3 || document === undefined) return this.#now(watched)
    const held = this.documents.get(path)
    const change = {
      path: document,
      value: held?.value,
      level: 'local',
      updatedAt: held?.updatedAt ?? 0,
      pending: [],
      networks: {},
    } as const
    return { kind: 'documents', changes: [change] }
  }

  #now(path: StatePath): StateAnswer {
    if (depthOf(path) < 3) return { kind: 'snapshot', documents: this.#pack(path), complete: true }
    const held = this.documents.get(path)
    const state: State = { path, value: held?.value, heads: [], level: 'local', pending: [], networks: {}, updatedAt: held?.updatedAt ?? 0 }
    return { kind: 'state', state }
  }

  #pack(under: StatePath): Uint8Array[] {
    return [...this.documents].filter(([path]) => isWithin(path, under)).map(([path, held]) => packDocument(path, held))
  }
}

/** One packed row, see `page/packed-documents.ts`. */
export function packDocument(path: string, { value, updatedAt }: Held, level: State['level'] = 'local'): Uint8Array {
  const body = value === undefined ? new Uint8Array() : encode(value)
  const name = new TextEncoder().encode(path)
  const row = new Uint8Array(15 + name.length + body.length)
  const view = new DataView(row.buffer)
  view.setUint16(0, name.length)
  row.set(name, 2)
  view.setUint8(2 + name.length, levelRank(level))
  view.setFloat64(3 + name.length, updatedAt)
  view.setUint32(11 + name.length, body.length)
  row.set(body, 15 + name.length)
  return row
}

function refusal(input: EventInput): SpiceTimeError {
  return new SpiceTimeError('OPERATION_MALFORMED', `The stand-in can't '${input.op}' at '${input.path}'.`, {
    path: input.path,
    op: input.op,
  })
}

function deepRefusal(id: string): SpiceTimeError {
  const disk = new TypeError('the disk said no')
  const storage = new SpiceTimeError('STORAGE_FAILED', 'The record could not be read.', { key: 'log/1', tries: 3, names: ['a', 'b'] }, disk)
  return new SpiceTimeError('EVENT_UNKNOWN', `The event '${id}' is not known here.`, { event: id }, storage)
}

export function report(state: NetworkReport['state']): NetworkReport {
  return {
    network: 'local',
    state,
    since: 1,
    requirements: ['local'],
    queued: 0,
    delivered: 0,
    latency: undefined,
    success: 1,
    spentToday: 0,
    bytesSpent: 0,
    budget: {},
    facts: {},
  }
}
