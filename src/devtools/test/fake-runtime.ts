import { SpiceTimeError } from 'spicetime'
import type {
  AuthorId,
  ConnectionReport,
  Diagnostic,
  DiagnosticEntry,
  EventId,
  EventQuery,
  EventSummary,
  NetworkReport,
  ReadOptions,
  RoutingPolicy,
  RuntimeClient,
  SpaceId,
  State,
  StatePath,
  StorageReport,
  Trace,
  Value,
  WaitOptions,
} from 'spicetime'

const AT = 1_795_000_000_000
const AUTHOR = 'author' as AuthorId
const SPACE = 'acme' as SpaceId

const SOLANA: NetworkReport = {
  ...{ network: 'solana', state: 'connected', since: AT, requirements: ['consensus'], queued: 0, delivered: 3 },
  ...{ latency: 800, success: 1, spentToday: 3_000, bytesSpent: 900, budget: { lamportsPerDay: 9_000 }, facts: {} },
}

/** What the panel asks of a runtime, answered from memory; everything else throws. */
export class FakeRuntime implements RuntimeClient {
  readonly connection = { state: 'connected', since: 0, kind: 'process', generation: 'one' } as const
  /** The streams that are open now. */
  readonly open: string[] = []
  /** Whether questions fail. */
  failing = false

  onConnection(listener: (report: ConnectionReport) => void): () => void {
    listener(this.connection)
    return () => undefined
  }

  doc(): never {
    throw new Error('The panel edits no document.')
  }

  readonly #state: { [collection: string]: { [entity: string]: Value } } = {}
  readonly #events: EventSummary[] = []
  readonly #listeners = new Set<(entries: readonly DiagnosticEntry[]) => void>()
  #diagnostics = 0
  #policy: RoutingPolicy = { prefer: 'cheap', budgets: { solana: { lamportsPerDay: 9_000 } } }

  /** Puts documents into a collection of `me`. */
  fill(collection: string, count: number): void {
    this.#state[collection] = Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, { title: `Task ${index}` }]))
  }

  /** Appends events to the log and reports each. */
  log(count: number): void {
    for (let made = 0; made < count; made += 1) {
      const summary = summaryOf(this.#events.length + 1)
      this.#events.push(summary)
      this.report({ kind: 'event-applied', event: summary.id, path: summary.path, origin: 'own' })
    }
  }

  report(diagnostic: Diagnostic): void {
    this.#diagnostics += 1
    for (const listener of this.#listeners) listener([{ number: this.#diagnostics, at: AT, diagnostic }])
  }

  async events({ before = Infinity, limit = 100 }: EventQuery = {}): Promise<readonly EventSummary[]> {
    return this.#events
      .filter(({ position }) => position < before)
      .slice(-limit)
      .reverse()
  }

  async trace(id: string): Promise<Trace> {
    return traceOf(id as EventId)
  }

  async storage(): Promise<StorageReport> {
    if (this.failing) throw new SpiceTimeError('STORAGE_FAILED', 'The storage could not be read.')
    return { mode: 'durable', usage: 1000, quota: 1_000_000, author: 'author', events: this.#events.length, damaged: [] }
  }

  async policy(): Promise<RoutingPolicy> {
    return this.#policy
  }

  async definePolicy(policy: RoutingPolicy): Promise<void> {
    this.#policy = policy
  }

  async spaces(): Promise<readonly []> {
    return []
  }

  watchDiagnostics({ signal }: WaitOptions = {}): AsyncIterableIterator<readonly DiagnosticEntry[]> {
    const waiting: (readonly DiagnosticEntry[])[] = []
    const listener = (entries: readonly DiagnosticEntry[]): void => {
      waiting.push(entries)
    }
    this.#listeners.add(listener)
    return this.#stream('diagnostics', signal, () => waiting.shift())
  }

  watchNetworks({ signal }: WaitOptions = {}): AsyncIterableIterator<readonly NetworkReport[]> {
    const waiting: (readonly NetworkReport[])[] = [[SOLANA]]
    return this.#stream('networks', signal, () => waiting.shift())
  }

  watchState<T = Value>(path: string, { signal }: WaitOptions = {}): AsyncIterableIterator<State<T>> {
    const state = { path: path as StatePath, value: this.#state, heads: [], level: 'local', pending: [], networks: {}, updatedAt: AT }
    const waiting = [state as unknown as State<T>]
    return this.#stream(`state ${path}`, signal, () => waiting.shift())
  }

  async *#stream<T>(name: string, signal: AbortSignal | undefined, next: () => T | undefined): AsyncIterableIterator<T> {
    this.open.push(name)
    try {
      while (signal?.aborted !== true) {
        const value = next()
        if (value === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
        else yield value
      }
    } finally {
      this.open.splice(this.open.indexOf(name), 1)
    }
  }

  submitEvent = unused
  submitEvents = unused
  reached = unused
  undo = unused
  networks = unused
  configureNetworks = unused
  syncNetworks = unused
  createSpace = unused
  invite = unused
  joinSpace = unused
  members = unused
  offer = unused
  close = unused

  getState<T = Value>(_path: string, _options?: ReadOptions): Promise<State<T>> {
    return unused()
  }
}

function unused(): never {
  throw new Error('The panel has no business here.')
}

function summaryOf(position: number): EventSummary {
  return {
    id: `event-${position}` as EventId,
    position,
    space: SPACE,
    author: AUTHOR,
    seq: position - 1,
    time: (AT + position) * 1024,
    path: `acme/tasks/${position}` as StatePath,
    op: 'put',
    needs: ['team'],
    parents: [],
    level: 'local',
    networks: [],
    bytes: 300,
  }
}

function traceOf(id: EventId): Trace {
  const { path, ...summary } = summaryOf(1)
  return {
    ...summary,
    id,
    path,
    document: path as Trace['document'],
    standing: { kind: 'rejected', code: 'CONFLICT', reason: 'Another event won.', winner: 'winner' as EventId },
    policy: 'consensus',
    public: false,
    children: Array.from({ length: 112 }, (_, index) => `child-${index}` as EventId),
    decision: {
      policy: 'balanced',
      at: AT,
      legs: [
        {
          requirement: 'consensus',
          network: 'solana',
          reason: 'Solana is the best for consensus.',
          candidates: [
            { network: 'solana', score: 0.812, cost: 5000, latency: 900, success: 0.97 },
            { network: 'holochain', cost: 0, latency: 200, success: 1, ruledOut: 'holochain does not order events' },
          ],
        },
      ],
    },
    deliveries: [
      { requirement: 'consensus', network: 'solana', phase: 'queued', attempts: 2, queuedAt: AT, reason: 'Waiting for a block.' },
    ],
    receipts: [{ event: id, network: 'solana', level: 'sent', reference: 'signature', cost: 5000, at: AT, latency: 800, order: [7, 1, 0] }],
  }
}
