import type { Cursor } from '../../model/cursor.js'
import type { Receipt } from '../../model/receipt.js'
import type { Platform } from '../../platform/platform.js'
import type { Update } from '../provider.js'
import type { NetworkRows, NetworkSpace } from '../provider-parts.js'
import { toBase58 } from './base58.js'
import type { AnchoredLists } from './anchored-lists.js'
import { FinalEvents } from './final-events.js'
import { HeldRows } from './held-rows.js'
import { addCounts } from './ignored.js'
import type { IgnoredCounts } from './ignored.js'
import { formatCursor, parseCursor, START } from './reading-cursor.js'
import type { Ground } from './reading-cursor.js'
import { referenceKey } from './reference-key.js'
import type { SolanaRpc } from './solana-rpc.js'
import { SpaceReading } from './space-reading.js'
import type { SpaceNews } from './space-news.js'

export interface ReadingParts {
  readonly rpc: Pick<SolanaRpc, 'call'>
  readonly rows: NetworkRows
  readonly platform: Platform
  readonly lists: Pick<AnchoredLists, 'find' | 'beginPull'>
  /** The spaces to read. */
  readonly spaces: () => readonly NetworkSpace[]
}

interface OpenSpace {
  readonly reading: SpaceReading
  readonly finals: FinalEvents
}

interface Abortable {
  readonly signal?: AbortSignal
}

/**
 * Brings what the chain holds of the device's spaces. The cursor covers ground that is final; what lies above it is read again each time, told
 * only where it changed, and taken back when its slot was dropped.
 */
export class Reading {
  readonly #parts: ReadingParts
  readonly #open = new Map<string, OpenSpace>()
  #unsettled = 0

  constructor(parts: ReadingParts) {
    this.#parts = parts
  }

  /** Events that were told and are not final yet. */
  get unsettled(): number {
    return this.#unsettled
  }

  /** Lists that members anchored and the last pull could not have. */
  get missingLists(): number {
    return [...this.#open.values()].reduce((sum, { reading }) => sum + reading.missing, 0)
  }

  /** What was passed over in the spaces that this life of the device has read. */
  async ignored(): Promise<IgnoredCounts> {
    const all = await Promise.all([...this.#open.values()].map(({ finals }) => finals.counts()))
    return all.reduce(addCounts, {})
  }

  /**
   * What came since the cursor. A cursor of another chain ends with a reset: what that one gave is taken back, and this one is read from its start.
   * @param chain genesis hash of the chain that the RPC endpoints serve now
   * @throws SpiceTimeError as SolanaRpc.call; INPUT_MALFORMED for a cursor that is not ours; STORAGE_FULL, STORAGE_FAILED
   */
  async *pull(since: Cursor, chain: string, options: Abortable = {}): AsyncIterableIterator<Update> {
    const cursor = parseCursor(since)
    this.#parts.lists.beginPull()
    const grounds = new Map(cursor?.chain === chain ? cursor.grounds : [])
    if (cursor !== undefined && cursor.chain !== chain)
      yield { events: [], receipts: [], retracted: [], reset: true, cursor: formatCursor({ chain, grounds }) }
    for (const space of this.#parts.spaces()) {
      const { reading } = await this.#openSpace(space, chain)
      for await (const news of reading.pull(grounds.get(space.reference) ?? START, options)) {
        grounds.set(space.reference, news.ground)
        yield this.#update(news, formatCursor({ chain, grounds }))
      }
    }
    this.#unsettled = countTold(grounds.values())
  }

  async #openSpace({ reference, secret }: NetworkSpace, chain: string): Promise<OpenSpace> {
    const name = `${chain}/${reference}`
    const known = this.#open.get(name)
    if (known !== undefined) return known
    const { rpc, rows, lists } = this.#parts
    const finals = new FinalEvents(rows, { chain, space: reference })
    const held = new HeldRows(rows, { chain, space: reference })
    const address = toBase58(await referenceKey(secret))
    const open = { finals, reading: new SpaceReading({ rpc, space: { reference, secret }, address, finals, held, lists }) }
    this.#open.set(name, open)
    return open
  }

  #update({ found, retracted }: SpaceNews, cursor: Cursor): Update {
    const at = this.#parts.platform.now()
    const receipts = found.map(({ id, signature, order, final, held }): Receipt => ({
      ...{ event: id, network: 'solana', level: held === true ? 'shared' : final ? 'final' : 'confirmed', reference: signature },
      // What it cost, and how long it took, is known to who sent it.
      ...{ cost: 0, at, latency: 0, ...(held === true ? {} : { order }) },
    }))
    return { events: found.flatMap(({ isNew, bytes }) => (isNew && bytes !== undefined ? [bytes] : [])), receipts, retracted, cursor }
  }
}

function countTold(grounds: Iterable<Ground>): number {
  let count = 0
  for (const { told } of grounds) count += told.length
  return count
}
