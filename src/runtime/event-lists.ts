import { computeEventId } from './codec/event-id.js'
import { isSpiceTimeError, SpiceTimeError } from './errors/spice-time-error.js'
import type { SpaceReference } from './model/event.js'
import type { NetworkProvider } from './networks/provider.js'
import type { EventLists } from './networks/registry.js'

type ListsState = ReturnType<EventLists['state']>

interface Abortable {
  readonly signal?: AbortSignal | undefined
}

const NO_CONTENT =
  'This device has no network that keeps content. Set one up (ipfs) to send and to read events that are kept in lists, or whose bodies are.'
const NOBODY_ELSE = 'Content stays on this device, where nobody else can get it. Name a peer or a pin service in the settings of ipfs.'

/** Blocks, lists of events among them, of whichever network keeps content; what networks there are, it hears once they are made. */
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
    // Each is asked, so that one that nobody needed yet is opened.
    const reaching = this.#keepers.filter((keeper) => keeper.content?.reaches() === true)
    if (reaching.some((keeper) => keeper.status().state === 'connected')) return { ready: true }
    const [first] = this.#keepers
    const isAlone = first?.status().state === 'connected'
    return { ready: false, reason: isAlone ? NOBODY_ELSE : (first?.status().reason ?? NO_CONTENT) }
  }

  /** Why no network is set up to keep content; undefined where one is, though it may be away. One that has not started yet may be. */
  notSetUp(): string | undefined {
    const isSetUp = this.#keepers.some((keeper) => keeper.status().state !== 'not-connected' || keeper.status().since === 0)
    return isSetUp ? undefined : (this.#keepers[0]?.status().reason ?? NO_CONTENT)
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** @see EventLists.put */
  async put(space: SpaceReference, events: readonly Uint8Array[], { signal }: Abortable = {}): Promise<string> {
    const { encodeEventList } = await import('./codec/event-list.js')
    return await this.putBlock(space, encodeEventList(events), { signal })
  }

  /** @throws SpiceTimeError NETWORK_NOT_CONNECTED, STORAGE_FULL, STORAGE_FAILED, ABORTED */
  async putBlock(space: SpaceReference, bytes: Uint8Array<ArrayBuffer>, { signal }: Abortable = {}): Promise<string> {
    return await this.#content().putBlock(bytes, { space, signal })
  }

  /** @see EventLists.get */
  async get(space: SpaceReference, cid: string, { signal }: Abortable = {}): Promise<readonly Uint8Array[]> {
    const [{ decodeEventList }, bytes] = await Promise.all([import('./codec/event-list.js'), this.getBlock(space, cid, { signal })])
    return decodeEventList(bytes)
  }

  /** The block, which truly has that CID. @throws SpiceTimeError CONTENT_NOT_FOUND, CONTENT_UNAVAILABLE, NETWORK_NOT_CONNECTED, ABORTED */
  async getBlock(space: SpaceReference, cid: string, { signal }: Abortable = {}): Promise<Uint8Array<ArrayBuffer>> {
    const block = this.#content().getBlock(cid, { space, signal })
    const bytes = await block.catch((error: unknown) => Promise.reject(notProven(error, cid)))
    // Whoever keeps content has checked this; what is done for ever is not done on its word alone.
    if ((await computeEventId(bytes)) === cid) return bytes
    throw new SpiceTimeError('CONTENT_UNAVAILABLE', `What was given for ${cid} has another CID; it is asked for again.`, { cid })
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
