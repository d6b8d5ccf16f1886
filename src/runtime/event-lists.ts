import { computeEventId } from './codec/event-id.js'
import { isSpiceTimeError, SpiceTimeError } from './errors/spice-time-error.js'
import type { SpaceReference } from './model/event.js'
import type { NetworkProvider } from './networks/provider.js'
import type { EventLists } from './networks/registry.js'

type ListsState = ReturnType<EventLists['state']>

interface Abortable {
  readonly signal?: AbortSignal
}

const NO_CONTENT = 'This device has no network that keeps content. Set one up (ipfs) to send and to read events that are kept in lists.'

/** Lists of events as blocks of whichever network keeps content; what networks there are, it hears once they are made. */
export class ContentLists implements EventLists {
  #keepers: readonly NetworkProvider[] = []
  readonly #listeners = new Set<() => void>()

  /** The providers that may keep content. Returns the undo. */
  attach(providers: readonly NetworkProvider[]): () => void {
    this.#keepers = providers.filter(({ content }) => content !== undefined)
    const undo = this.#keepers.map((keeper) => keeper.onStatus(() => this.#listeners.forEach((listener) => listener())))
    return () => undo.forEach((one) => one())
  }

  state(): ListsState {
    if (this.#keepers.some((keeper) => keeper.status().state === 'connected')) return { ready: true }
    const [first] = this.#keepers
    return { ready: false, reason: first?.status().reason ?? NO_CONTENT }
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** @see EventLists.put */
  async put(space: SpaceReference, events: readonly Uint8Array[], { signal }: Abortable = {}): Promise<string> {
    const content = this.#content()
    const { encodeEventList } = await import('./codec/event-list.js')
    return await content.putBlock(encodeEventList(events), { space, signal })
  }

  /** @see EventLists.get */
  async get(space: SpaceReference, cid: string, { signal }: Abortable = {}): Promise<readonly Uint8Array[]> {
    const content = this.#content()
    const [{ decodeEventList }, bytes] = await Promise.all([
      import('./codec/event-list.js'),
      content.getBlock(cid, { space, signal }).catch((error: unknown) => Promise.reject(notProven(error, cid))),
    ])
    // Whoever keeps content has checked this; what is done for ever is not done on its word alone.
    if ((await computeEventId(bytes)) !== cid)
      throw new SpiceTimeError('CONTENT_UNAVAILABLE', `What was given for the list ${cid} has another CID; it is asked for again.`, { cid })
    return decodeEventList(bytes)
  }

  /** @throws SpiceTimeError NETWORK_NOT_CONNECTED */
  #content(): NonNullable<NetworkProvider['content']> {
    const keeper = this.#keepers.find((one) => one.status().state === 'connected') ?? this.#keepers[0]
    if (keeper?.content === undefined) throw new SpiceTimeError('NETWORK_NOT_CONNECTED', NO_CONTENT)
    return keeper.content
  }
}

/** Damaged on its way, or by who gave it: another one may give it whole. */
function notProven(error: unknown, cid: string): unknown {
  if (!isSpiceTimeError(error, 'CONTENT_DAMAGED')) return error
  return new SpiceTimeError('CONTENT_UNAVAILABLE', error.message, { cid }, error)
}
