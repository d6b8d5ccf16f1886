import { ipfsError } from '../ipfs-errors.js'
import type { PinRequest, PinService, PinState } from '../pin-service.js'

/** A service that takes blocks, in memory; several devices may use one. */
export class FakePinService implements PinService {
  readonly name: string
  readonly pins = new Map<string, string>()
  readonly blocks = new Map<string, Uint8Array>()
  away = false

  constructor(name = 'fake') {
    this.name = name
  }

  async pin({ cid, name, blocks }: PinRequest): Promise<void> {
    this.#answer()
    for await (const block of blocks()) this.blocks.set(block.cid, block.bytes)
    this.pins.set(cid, name)
  }

  states(cids: readonly string[]): Promise<ReadonlyMap<string, PinState>> {
    this.#answer()
    return Promise.resolve(new Map(cids.map((cid) => [cid, this.pins.has(cid) ? 'pinned' : 'absent'])))
  }

  async *named(name: string): AsyncIterable<string> {
    this.#answer()
    for (const [cid, named] of this.pins) if (named === name) yield cid
  }

  unpin(cid: string): Promise<void> {
    this.pins.delete(cid)
    return Promise.resolve()
  }

  wipe(): void {
    this.pins.clear()
    this.blocks.clear()
  }

  /** A trustless gateway over its blocks. */
  readonly gateway: typeof fetch = (input) => {
    const cid = /\/ipfs\/([a-z2-7]+)\?format=raw$/.exec(String(input))?.[1] ?? ''
    const bytes = this.blocks.get(cid)
    if (this.away) return Promise.reject(new Error('refused'))
    return Promise.resolve(bytes === undefined ? new Response(null, { status: 404 }) : new Response(new Uint8Array(bytes)))
  }

  #answer(): void {
    if (this.away) throw ipfsError('NETWORK_UNAVAILABLE', 'The fake service does not answer.')
  }
}
