import { computeEventId } from '../codec/event-id.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { ContentAvailability, ContentOptions, ProviderContent } from '../networks/content.js'
import { createNotConnectedProvider } from '../networks/not-connected-provider.js'
import type { NetworkProvider, NetworkStatus } from '../networks/provider.js'
import { EXPECTED_CAPABILITIES } from '../networks/served-requirements.js'

/** Blocks of several devices in memory: what one of them holds, the others get while it is there. */
export class SharedContent {
  readonly #devices = new Set<ContentDevice>()

  /** @param disk what outlives the device's process */
  join(disk: ContentDisk = new Map()): ContentDevice {
    const device: ContentDevice = new ContentDevice(disk, () => [...this.#devices].filter((other) => other !== device && other.serves))
    this.#devices.add(device)
    return device
  }
}

export type ContentDisk = Map<string, Uint8Array<ArrayBuffer>>

/** One device's content network: its own blocks, and those of the others. */
export class ContentDevice implements ProviderContent {
  /** Whether others get anything from it. */
  serves = true
  /** Whether it gets anything from others; one that is stalled leaves them waiting until they call off. */
  fetches: 'well' | 'not' | 'stalled' = 'well'
  /** CIDs that were asked of others, as often as they were. */
  readonly asked: string[] = []
  readonly provider: NetworkProvider
  readonly disk: ContentDisk
  readonly #others: () => readonly ContentDevice[]
  readonly #listeners = new Set<(status: NetworkStatus) => void>()
  #status: NetworkStatus = { state: 'connected', since: 0 }

  constructor(disk: ContentDisk, others: () => readonly ContentDevice[]) {
    this.disk = disk
    this.#others = others
    const rest = createNotConnectedProvider({
      network: 'ipfs',
      capabilities: EXPECTED_CAPABILITIES.ipfs,
      quote: { cost: 0, latency: 1, success: 1 },
      missing: 'Events are not stored here, only content.',
    })
    this.provider = Object.assign(rest, {
      content: this,
      status: () => this.#status,
      onStatus: (listener: (status: NetworkStatus) => void) => {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
      },
    })
  }

  /** @param reason undefined: it is there */
  setAway(reason: string | undefined): void {
    this.#status = reason === undefined ? { state: 'connected', since: 0 } : { state: 'not-connected', reason, since: 0 }
    for (const listener of this.#listeners) listener(this.#status)
  }

  async putBlock(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const cid = await computeEventId(bytes)
    this.disk.set(cid, bytes)
    return cid
  }

  async getBlock(cid: string, { signal }: ContentOptions): Promise<Uint8Array<ArrayBuffer>> {
    const own = this.disk.get(cid)
    if (own !== undefined) return own
    this.asked.push(cid)
    if (this.fetches === 'stalled') await new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(gone(cid))))
    const found = this.fetches === 'well' ? this.#others().flatMap(({ disk }) => disk.get(cid) ?? [])[0] : undefined
    if (found === undefined) throw gone(cid)
    this.disk.set(cid, found)
    return found
  }

  availability(cid: string): Promise<ContentAvailability> {
    return Promise.resolve({ level: this.disk.has(cid) ? 'sent' : undefined, pins: [] })
  }
  reaches(): boolean {
    return true
  }

  discard(cid: string): Promise<void> {
    this.disk.delete(cid)
    return Promise.resolve()
  }

  add(): Promise<never> {
    return Promise.reject(new Error('files are not kept here'))
  }

  // eslint-disable-next-line require-yield
  async *read(): AsyncIterable<Uint8Array<ArrayBuffer>> {
    await Promise.reject(new Error('files are not kept here'))
  }
}

function gone(cid: string): SpiceTimeError {
  return new SpiceTimeError('CONTENT_NOT_FOUND', `Nobody who was asked has ${cid}.`, { cid })
}
