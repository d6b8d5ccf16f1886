import { decodeItems, encode } from '../codec/dag-cbor.js'
import { PRIVATE } from '../codec/event-id.js'
import type { Event, SpaceReference } from '../model/event.js'
import { isRequirement } from '../model/network.js'
import type { Requirement } from '../model/network.js'
import type { MergePolicy } from '../model/state.js'
import { prefixRange } from '../storage/store.js'
import type { Store, StoreChange } from '../storage/store.js'

/** What this looks at of an applied event. */
interface Seen {
  readonly event: Pick<Event, 'space' | 'needs'>
}

interface DeclaringSpace {
  readonly reference: SpaceReference
  readonly policies: { readonly [collection: string]: MergePolicy }
}

/** What a declared merge policy asks of networks; a last writer is told by storage or by nobody. */
const NEED_OF: Readonly<Record<MergePolicy, readonly Requirement[]>> = { team: ['team'], consensus: ['consensus'], 'last-writer': [] }
const ROW = '+/w/'

/**
 * What the events of each space ask for, as far as this device has seen, written in the transaction of the first event that asks for it: a start
 * reads one small row a space and no event. Takes part in the intake's transactions (the shape of `events/event-applier.ts`).
 */
export class SpaceNeeds {
  readonly #store: Store
  /** Of durable transactions. */
  readonly #seen = new Map<string, ReadonlySet<Requirement>>()
  /** With those of transactions under way: each writes the whole row. */
  readonly #writing = new Map<string, ReadonlySet<Requirement>>()
  readonly #listeners = new Set<() => void>()

  private constructor(store: Store) {
    this.#store = store
  }

  static async open(store: Store): Promise<SpaceNeeds> {
    const needs = new SpaceNeeds(store)
    for await (const page of needs.#store.range(prefixRange(ROW))) {
      for (const [key, value] of page) needs.#seen.set(key.slice(ROW.length), new Set(decodeItems(value).filter(isRequirement)))
    }
    return needs
  }

  /** Declared for a collection, or seen. */
  of({ reference, policies }: DeclaringSpace): readonly Requirement[] {
    const declared = Object.values(policies).flatMap((policy) => NEED_OF[policy])
    return [...new Set([...declared, ...(this.#seen.get(reference) ?? [])])]
  }

  /** Told when a space asks for more than before; a new space does so with its first event. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  apply(events: readonly Seen[], changes: StoreChange[]): void {
    for (const [space, needs] of this.#newIn(events)) {
      const known = new Set([...(this.#seen.get(space) ?? []), ...(this.#writing.get(space) ?? []), ...needs])
      this.#writing.set(space, known)
      changes.push([ROW + space, encode([...known])])
    }
  }

  committed(events: readonly Seen[]): void {
    const grown = this.#newIn(events)
    for (const [space, needs] of grown) this.#seen.set(space, new Set([...(this.#seen.get(space) ?? []), ...needs]))
    if (grown.size > 0) for (const listener of this.#listeners) listener()
  }

  rolledBack(): void {
    this.#writing.clear()
  }

  /** What the events ask for beyond what is durable, by space. */
  #newIn(events: readonly Seen[]): ReadonlyMap<string, ReadonlySet<Requirement>> {
    const grown = new Map<string, Set<Requirement>>()
    for (const { event } of events) {
      if (event.space === PRIVATE) continue
      const seen = this.#seen.get(event.space)
      for (const need of event.needs) {
        if (seen?.has(need) === true) continue
        grown.set(event.space, (grown.get(event.space) ?? new Set<Requirement>()).add(need))
      }
    }
    return grown
  }
}
