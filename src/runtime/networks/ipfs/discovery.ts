import { encode } from '../../codec/dag-cbor.js'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventId, SpaceReference } from '../../model/event.js'
import type { NetworkRows } from '../provider-parts.js'
import { DAG_CBOR, parseCid } from './content-id.js'
import { decodeEventList } from './event-list.js'
import type { HeliaNode } from './helia-node.js'
import { calledOff } from './ipfs-errors.js'
import type { Journal } from './journal.js'
import type { KeptContents } from './kept-content.js'
import { pinName } from './pin-name.js'
import type { PinService } from './pin-service.js'

export interface DiscoveryParts {
  readonly node: HeliaNode
  readonly rows: NetworkRows
  readonly kept: KeptContents
  readonly journal: Journal
  readonly pins: readonly PinService[]
  /** Another device's list was fetched. */
  readonly onTaken: (root: string) => Promise<void>
}

const ROOT = 'root/'
const EVENT = 'event/'
/** Roots of one space that one service may name: more are not looked at. */
const MOST_ROOTS = 10_000
const LOADED_AT_ONCE = 16

/** Events of others: lists that somebody pinned under the space's name. */
export class Discovery {
  readonly #parts: DiscoveryParts
  /** Roots that are no lists of their space's events. */
  ignored = 0

  constructor(parts: DiscoveryParts) {
    this.#parts = parts
  }

  /**
   * Puts what is new into the journal. Lists that can't be had now are looked at again by the next call.
   * @throws SpiceTimeError ABORTED, and as the services and the device's rows fail
   */
  async look(space: SpaceReference, signal: AbortSignal | undefined): Promise<void> {
    const { pins, rows, kept } = this.#parts
    for (const service of pins) {
      let left = MOST_ROOTS
      for await (const root of service.named(pinName(space, true), { signal })) {
        if (left-- <= 0) break
        if (signal?.aborted === true) throw calledOff(signal.reason)
        if ((await kept.get(root)) === undefined && (await rows.get(ROOT + root)) === undefined) await this.#take(root, space, signal)
      }
    }
  }

  async #take(root: string, space: SpaceReference, signal: AbortSignal | undefined): Promise<void> {
    const { rows, journal } = this.#parts
    const events = await this.#eventsOf(root, space, signal)
    if (events === undefined) return
    const known = await Promise.all(events.map((event) => rows.get(EVENT + event)))
    const fresh = events.filter((_, at) => known[at] === undefined)
    await this.#parts.onTaken(root)
    await rows.write([
      [ROOT + root, encode({ events: fresh.length })],
      ...fresh.map((event) => [EVENT + event, encode({ root })] as const),
      ...journal.rowsFor(fresh.map((event) => ({ kind: 'event', event, level: 'shared' }))),
    ])
  }

  /** Undefined when it can't be had now; none when it is no list. */
  async #eventsOf(root: string, space: SpaceReference, signal: AbortSignal | undefined): Promise<readonly EventId[] | undefined> {
    const { node } = this.#parts
    try {
      const cid = parseCid(root)
      if (cid.code !== DAG_CBOR) return []
      const { events } = decodeEventList(root, await node.load(cid, signal), space)
      for (let at = 0; at < events.length; at += LOADED_AT_ONCE)
        await Promise.all(events.slice(at, at + LOADED_AT_ONCE).map((event) => node.load(parseCid(event), signal)))
      return events
    } catch (error) {
      if (isSpiceTimeError(error, 'CONTENT_NOT_FOUND') || isSpiceTimeError(error, 'CONTENT_UNAVAILABLE')) return undefined
      if (!isSpiceTimeError(error, 'CONTENT_DAMAGED')) throw error
      this.ignored += 1
      return []
    }
  }
}
