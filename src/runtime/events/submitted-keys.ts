import { decodeItems, encode } from '../codec/dag-cbor.js'
import { parseEventId } from '../codec/event-id.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { EventId } from '../model/event.js'
import type { Store, StoreChange } from '../storage/store.js'
import { logKeys } from './log-keys.js'
import type { Submission } from './own-events.js'

const KEY = /^[0-9a-z-]{1,64}$/
const MAX_REMEMBERED = 4096

/** How a caller names a call. `again`: it may have been made in an earlier life of the runtime, so that the store must be asked. */
export interface SubmitName {
  readonly key: string
  readonly again: boolean
}

/** Names of submit calls, so that one that is sent again (to this worker or the next) gets the first one's ids and counts once. */
export class SubmittedKeys {
  readonly #store: Store
  readonly #calls = new Map<string, Promise<readonly EventId[]>>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Does the call, unless one of that name was done or is being done. @throws SpiceTimeError INPUT_MALFORMED */
  once({ key, again }: SubmitName, submit: () => Promise<readonly EventId[]>): Promise<readonly EventId[]> {
    if (!KEY.test(key))
      return Promise.reject(new SpiceTimeError('INPUT_MALFORMED', `'${key.slice(0, 80)}' can't name a submit: use up to 64 of 0-9 a-z -.`))
    const known = this.#calls.get(key)
    if (known !== undefined) return known
    const call = again ? this.#read(key).then((done) => done ?? submit()) : submit()
    this.#remember(key, call)
    // A failed submit may be sent again under its name.
    call.catch(() => this.#calls.delete(key))
    return call
  }

  /** What a call of that name did, now or in an earlier life of the runtime. */
  async find(key: string): Promise<readonly EventId[] | undefined> {
    return await (this.#calls.get(key) ?? this.#read(key))
  }

  /** Keeps the ids of named submissions in the transaction that makes their events. */
  record(made: ReadonlyMap<Submission, readonly EventId[]>, changes: StoreChange[]): void {
    for (const [{ key }, ids] of made) if (key !== undefined) changes.push([logKeys.submitted(key), encode(ids)])
  }

  async #read(key: string): Promise<readonly EventId[] | undefined> {
    const row = await this.#store.get(logKeys.submitted(key))
    return row === undefined ? undefined : decodeItems(row).map(parseEventId)
  }

  #remember(key: string, call: Promise<readonly EventId[]>): void {
    this.#calls.set(key, call)
    for (const oldest of this.#calls.keys()) {
      if (this.#calls.size <= MAX_REMEMBERED) break
      this.#calls.delete(oldest)
    }
  }
}
