import type { AuthorId, EventId } from '../model/event.js'
import type { Network } from '../model/network.js'
import type { RoutingPolicy } from '../model/routing-policy.js'
import type { StatePath } from '../model/path.js'

/** What the runtime did, for devtools, the CLI and logs. Never holds a value or a key. */
export type Diagnostic =
  /** One event took the places of several that had not been sent. */
  | { readonly kind: 'events-superseded'; readonly event: EventId; readonly count: number }
  | { readonly kind: 'event-applied'; readonly event: EventId; readonly path: StatePath; readonly origin: 'own' | Network }
  | { readonly kind: 'event-waiting'; readonly event: EventId; readonly reason: string }
  | {
      readonly kind: 'event-refused'
      readonly event: EventId | undefined
      readonly code: string
      readonly reason: string
      readonly origin: 'own' | Network
      /** Whom the event names; whether he signed it, the code says. Absent where it can't be read. */
      readonly author?: AuthorId
      /** What the network calls the batch, the transaction or the list that it came in. */
      readonly reference?: string
    }
  | {
      readonly kind: 'event-quarantined'
      readonly event: EventId
      readonly code: string
      readonly reason: string
      readonly author: AuthorId
    }
  | {
      /** The network's own nodes refused what someone published: none of its events came here. */
      readonly kind: 'batch-refused'
      readonly network: Network
      /** Who published it, and what it is called, in the network's own words. */
      readonly author: string
      readonly reference: string
      readonly reason: string
    }
  | { readonly kind: 'decision-made'; readonly event: EventId; readonly networks: readonly Network[] }
  | {
      readonly kind: 'delivery-moved'
      readonly event: EventId
      readonly network: Network
      readonly phase: string
      readonly reason?: string
    }
  | { readonly kind: 'network-changed'; readonly network: Network; readonly state: string; readonly reason?: string }
  | { readonly kind: 'policy-defined'; readonly policy: RoutingPolicy }
  | { readonly kind: 'record-damaged'; readonly key: string; readonly reason: string }
  | {
      readonly kind: 'snapshot-taken' | 'snapshot-published'
      readonly space: string
      readonly network: Network
      /** Who vouches for it. */
      readonly author: AuthorId
      readonly events: number
      readonly bytes: number
    }
  | { readonly kind: 'snapshot-refused'; readonly space: string; readonly network: Network; readonly code: string; readonly reason: string }
  | { readonly kind: 'client-gone'; readonly client: string }
  | { readonly kind: 'background-failed'; readonly task: string; readonly code: string; readonly reason: string }

export interface DiagnosticEntry {
  /** Counts from 1 in one life of the runtime. */
  readonly number: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly diagnostic: Diagnostic
}

export const DIAGNOSTIC_HISTORY = 500

type Listener = (entry: DiagnosticEntry) => void

/** The typed feed. Listeners are called in order and must not throw. */
export class Diagnostics {
  readonly #now: () => number
  readonly #listeners = new Set<Listener>()
  readonly #history: DiagnosticEntry[] = []
  #count = 0

  constructor(now: () => number) {
    this.#now = now
  }

  emit(diagnostic: Diagnostic): void {
    const entry = { number: ++this.#count, at: this.#now(), diagnostic }
    this.#history.push(entry)
    if (this.#history.length > DIAGNOSTIC_HISTORY * 2) this.#history.splice(0, DIAGNOSTIC_HISTORY)
    for (const listener of this.#listeners) listener(entry)
  }

  /** The last entries, oldest first, at most `DIAGNOSTIC_HISTORY`. */
  history(): readonly DiagnosticEntry[] {
    return this.#history.slice(-DIAGNOSTIC_HISTORY)
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
