import { parseEventId } from '../../codec/event-id.js'
import { encode, decodeFields } from '../../codec/dag-cbor.js'
import { asSpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventId, SpaceReference } from '../../model/event.js'
import type { Level } from '../../model/network.js'
import type { Receipt } from '../../model/receipt.js'
import type { Platform } from '../../platform/platform.js'
import type { ProviderEvent } from '../provider.js'
import type { NetworkRows } from '../provider-parts.js'
import { Waiters } from '../waiters.js'
import { cidOf, DAG_CBOR, parseCid } from './content-id.js'
import { encodeEventList, MAX_LISTED_EVENTS } from './event-list.js'
import type { MadeBlock } from './file-writer.js'
import type { HeliaNode } from './helia-node.js'
import { calledOff, stopped } from './ipfs-errors.js'
import type { Journal } from './journal.js'
import { keptRow } from './kept-content.js'
import type { KeptContents } from './kept-content.js'

export interface EventWriterParts {
  readonly platform: Platform
  readonly node: HeliaNode
  readonly rows: NetworkRows
  readonly kept: KeptContents
  readonly journal: Journal
  readonly onWritten: () => void
}

/** Milliseconds in which events share a list. */
const WINDOW = 20
const EVENT = 'event/'

/** Stores signed events as the blocks that their ids name, and lists of them that keep them and their content together. */
export class EventWriter {
  readonly #parts: EventWriterParts
  readonly #queue = new Map<EventId, ProviderEvent>()
  readonly #waiters = new Waiters(calledOff, (id) => this.#queue.delete(id))
  #cancel: (() => void) | undefined
  #writing: Promise<void> | undefined
  #stopped = false

  constructor(parts: EventWriterParts) {
    this.#parts = parts
  }

  async submit(event: ProviderEvent, signal: AbortSignal | undefined): Promise<Receipt> {
    const since = this.#parts.platform.monotonic()
    const level = await this.levelOf(event.id)
    if (level !== undefined) return this.#receipt(event.id, level, since)
    if (signal?.aborted === true) throw calledOff(signal.reason)
    if (this.#stopped) throw stopped()
    this.#queue.set(event.id, event)
    const receipt = this.#waiters.wait(event.id, { since, signal })
    this.#cancel ??= this.#parts.platform.after(WINDOW, () => {
      this.#cancel = undefined
      this.#write()
    })
    return await receipt
  }

  /** How far an event of this device's got; undefined where it was not stored. */
  async levelOf(id: EventId): Promise<Level | undefined> {
    const row = await this.#parts.rows.get(EVENT + id)
    if (row === undefined) return undefined
    const { list } = decodeFields(row)
    // One that was found in another device's list is held there.
    return typeof list === 'string' ? ((await this.#parts.kept.get(list))?.level ?? 'sent') : 'shared'
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    this.#queue.clear()
    this.#waiters.rejectAll(stopped())
    await this.#writing
  }

  #write(): void {
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined
    })
  }

  /** Never rejects: who waits is told. */
  async #drain(): Promise<void> {
    while (!this.#stopped && this.#queue.size > 0) {
      const [first] = this.#queue.values()
      const events = [...this.#queue.values()].filter(({ space }) => space === first?.space).slice(0, MAX_LISTED_EVENTS)
      for (const { id } of events) this.#queue.delete(id)
      const ids = events.map(({ id }) => id)
      try {
        await this.#store(events)
        for (const id of ids) this.#waiters.resolve(id, (since) => this.#receipt(id, 'sent', since))
        this.#parts.onWritten()
      } catch (error) {
        this.#waiters.reject(ids, asSpiceTimeError(error, 'STORAGE_FAILED', { network: 'ipfs' }))
      }
    }
  }

  async #store(events: readonly ProviderEvent[]): Promise<void> {
    const { node, rows, journal, platform } = this.#parts
    // A provider's events name their space by its reference.
    const space = (events[0]?.space ?? '') as SpaceReference
    const ids = events.map(({ id }) => id)
    const content = [...new Set(events.flatMap((event) => event.content ?? []))].map((cid) => parseCid(cid).toString())
    const bytes = encodeEventList({ space, events: ids, content })
    const list: MadeBlock = { cid: await cidOf(DAG_CBOR, bytes), bytes }
    async function* blocks(): AsyncGenerator<MadeBlock> {
      for (const event of events) yield { cid: parseCid(event.id), bytes: new Uint8Array(event.bytes) }
      yield list
    }
    const unwatch = node.blocks.watch(new Set())
    try {
      for await (const _ of node.putMany(blocks())) void _
      const cid = list.cid.toString()
      await rows.write([
        keptRow({ cid, space, at: platform.now(), level: 'sent', events: ids }),
        ...ids.map((id) => [EVENT + id, encode({ list: cid })] as const),
        ...journal.rowsFor(ids.map((event) => ({ kind: 'event', event, level: 'sent' }))),
      ])
    } finally {
      unwatch()
    }
  }

  #receipt(event: EventId, level: Level, since: number): Receipt {
    const { platform } = this.#parts
    return {
      event: parseEventId(event),
      network: 'ipfs',
      level,
      reference: event,
      cost: 0,
      at: platform.now(),
      latency: platform.monotonic() - since,
    }
  }
}
