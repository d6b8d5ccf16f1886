import type { Platform } from '../../platform/platform.js'
import type { ProviderEvent } from '../provider.js'
import type { EventLists, NetworkSpace } from '../provider-parts.js'
import { anchorMemo } from './anchor-memo.js'
import { isTooLong, MOST_INLINE_BYTES, wantsList } from './grouping.js'
import type { Queued } from './grouping.js'
import { waitsForStorage } from './solana-errors.js'

/** After storage failed: small events go as memos for so long. */
const WITHOUT_LISTS = 60_000

/** Lists of this device's events, kept by storage and named by one memo. */
export class OwnLists {
  readonly #lists: EventLists
  readonly #platform: Platform
  #doneWithoutUntil = 0

  constructor({ lists, platform }: { readonly lists: EventLists; readonly platform: Platform }) {
    this.#lists = lists
    this.#platform = platform
  }

  get ready(): boolean {
    return this.#lists.state().ready
  }

  /** @throws SpiceTimeError NETWORK_NOT_CONNECTED when the event fits no memo and nothing keeps lists now */
  checkRoom(event: ProviderEvent): void {
    const state = this.#lists.state()
    if (isTooLong(event) && !state.ready) throw waitsForStorage(event, MOST_INLINE_BYTES, state.reason)
  }

  /** Whether the group goes as a list. @throws SpiceTimeError as checkRoom, for its first event */
  takes(group: readonly Queued[]): boolean {
    const [first] = group
    if (first === undefined || !wantsList(group)) return false
    this.checkRoom(first.event)
    return isTooLong(first.event) || (this.ready && this.#platform.monotonic() >= this.#doneWithoutUntil)
  }

  /** The memo of a list that storage keeps by then. @throws SpiceTimeError as EventLists.put */
  async anchor({ reference, secret }: NetworkSpace, events: readonly Queued[]): Promise<string> {
    try {
      const cid = await this.#lists.put(
        reference,
        events.map(({ event }) => event.bytes),
      )
      return await anchorMemo(cid, secret)
    } catch (error) {
      this.#doneWithoutUntil = this.#platform.monotonic() + WITHOUT_LISTS
      throw error
    }
  }
}
