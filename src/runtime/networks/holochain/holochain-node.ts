import { toBase32 } from '../../codec/base32.js'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import { START_CURSOR } from '../../model/cursor.js'
import type { Cursor } from '../../model/cursor.js'
import type { SpaceReference } from '../../model/event.js'
import type { StatePath } from '../../model/path.js'
import type { Receipt } from '../../model/receipt.js'
import type { State } from '../../model/state.js'
import type { Platform } from '../../platform/platform.js'
import { Health } from '../health.js'
import type { NetworkFacts, NetworkStatus, ProviderEvent, Update } from '../provider.js'
import type { NodeSnapshots } from '../lazy-provider.js'
import type { DeviceParts, NetworkSpace } from '../provider-parts.js'
import { stateToldBy } from '../told-state.js'
import { CallKey } from './call-key.js'
import { ConductorConnection } from './conductor-connection.js'
import { endpointConductor } from './endpoint-conductor.js'
import { calledOff, connectionEnded, holochainError, spaceGone } from './holochain-errors.js'
import { HeldMarks } from './held-marks.js'
import { MemberSignals } from './member-signals.js'
import { pageConductor } from './page-conductor.js'
import { formatCursor, formatMark, parseCursor, withMark } from './pull-cursor.js'
import type { Marks } from './pull-cursor.js'
import { Publisher } from './publisher.js'
import type { WrittenBatch } from './publisher.js'
import { SentEvents } from './sent-events.js'
import { Looks } from './looks.js'
import type { ParsedSettings } from './settings.js'
import { encodeSignal, signalOf } from './signals.js'
import { SpaceCell } from './space-cell.js'
import { SpaceRefusals } from './space-refusals.js'
import { pullSpace } from './space-pull.js'
import { ToldMarks } from './told-marks.js'
import { offeredSnapshots, publishSnapshot, readSnapshot } from './space-snapshots.js'

export interface NodeParts {
  readonly platform: Platform
  readonly device: DeviceParts
  readonly settings: ParsedSettings
  readonly onStatus: (status: NetworkStatus) => void
  readonly onNews: () => void
  readonly onMessage: (space: SpaceReference, message: Uint8Array) => void
  readonly fetch: typeof fetch
}

interface Abortable {
  readonly signal?: AbortSignal
}

const NOTHING_NEW = { events: [], receipts: [], retracted: [] } as const

/** What is kept of a space from connection to connection. */
interface SpaceDesk {
  readonly sent: SentEvents
  readonly told: ToldMarks
  readonly publisher: Publisher
  readonly refusals: SpaceRefusals
  cell: Promise<SpaceCell> | undefined
}

/** This device's connection to its conductor: opened once something asks for the team. */
export class HolochainNode {
  readonly #parts: NodeParts
  readonly #key: CallKey
  readonly #connection: ConductorConnection
  readonly #health: Health
  readonly #desks = new Map<SpaceReference, SpaceDesk>()
  readonly #looks: Looks
  readonly #signals: MemberSignals
  #members = 0
  #peers: number | undefined
  #snapshotsPublished = 0

  private constructor(parts: NodeParts, key: CallKey) {
    const { platform, settings, onStatus, device } = parts
    this.#parts = parts
    this.#key = key
    this.#connection = new ConductorConnection({
      conductor:
        settings.source === 'page'
          ? pageConductor(device.pages, platform)
          : endpointConductor({ ...settings.source, fetch: parts.fetch }, key),
      onSignal: (dna, signal) => this.#signals.add(dna, signal),
      onGone: () => this.#desks.forEach((desk) => (desk.cell = undefined)),
      onLost: () => this.#health.failed(connectionEnded()),
    })
    this.#looks = new Looks(platform, parts.onNews)
    this.#signals = new MemberSignals({
      ...{ spaces: this.#desks, looks: this.#looks, onMessage: parts.onMessage, onNews: parts.onNews },
      onFailed: (error) => this.#health.failed(error),
    })
    this.#health = new Health({ name: 'Holochain', platform, onStatus, probe: () => this.#probe() })
  }

  /** @throws SpiceTimeError CRYPTO_UNAVAILABLE */
  static async open(parts: NodeParts): Promise<HolochainNode> {
    return new HolochainNode(parts, await CallKey.load(parts.device.keys, parts.platform))
  }

  async start(): Promise<void> {
    // A conductor that was offered anew is looked at, and not waited for.
    this.#connection.onChange(() => void this.#health.look())
    await this.#health.look()
  }

  async stop(): Promise<void> {
    this.#looks.stop()
    this.#health.stop()
    await this.#connection.close()
    await this.#signals.settled()
    await Promise.all([...this.#desks.values()].flatMap(({ publisher, told }) => [publisher.stop(), told.stop()]))
  }

  async spacesChanged(): Promise<void> {
    if (this.#connection.open !== undefined) await this.#openCells()
  }

  facts(): NetworkFacts {
    const desks = [...this.#desks.values()]
    const { open } = this.#connection
    return {
      ...(open === undefined ? {} : { conductor: open.conductor, url: open.url }),
      'call key': toBase32(this.#key.publicKey),
      spaces: desks.length,
      members: this.#members,
      ...(this.#peers === undefined ? {} : { 'nodes connected': this.#peers }),
      'batches published': desks.reduce((sum, { publisher }) => sum + publisher.written, 0),
      'events to publish': desks.reduce((sum, { publisher }) => sum + publisher.waiting, 0),
      'snapshots published': this.#snapshotsPublished,
      'signals dropped': this.#signals.dropped,
      'batches refused': desks.reduce((sum, { refusals }) => sum + refusals.count, 0),
    }
  }

  /** @throws SpiceTimeError as Publisher.submit */
  async submit(event: ProviderEvent, { signal }: Abortable): Promise<Receipt> {
    const space = this.#spaceCalled(event.space)
    try {
      // What a former agent had sent is no answer: it is taken back first.
      await this.#cellForWriting(space)
      return await this.#desk(space).publisher.submit(event, signal)
    } catch (error) {
      this.#health.failed(error)
      throw error
    }
  }

  /** @throws SpiceTimeError INPUT_MALFORMED for a cursor that is not ours; ABORTED; as the conductor fails */
  async *pull(since: Cursor, { signal }: Abortable): AsyncIterableIterator<Update> {
    let marks = new Map(parseCursor(since))
    const held = new HeldMarks()
    try {
      for (const space of this.#spaces()) {
        if (signal?.aborted === true) throw calledOff(signal.reason)
        const cell = await this.#cell(space)
        const { sent, told, refusals } = this.#desk(space)
        if (cell.wiped) {
          marks = new Map()
          yield { ...NOTHING_NEW, reset: true, cursor: START_CURSOR, cursorWithout: () => START_CURSOR }
          await cell.begin()
          await told.forget()
        }
        const heard = this.#signals.takeEvents(space.reference)
        const page = { space: space.reference, before: [], reached: new Map(marks), brought: [] }
        if (heard.length > 0) yield held.update({ events: heard, receipts: [] }, page)
        const { platform, settings } = this.#parts
        const parts = { platform, settings, sent, told, cell, refusals }
        let before = marks.get(space.reference) ?? []
        let isNew = false
        for await (const { marks: mark, brought, ...news } of pullSpace(before, parts)) {
          marks.set(space.reference, mark)
          yield held.update(news, { ...page, before, reached: new Map(marks), brought })
          before = mark
          isNew ||= brought.length > 0
        }
        // Asked on, what was brought is on this device: others are told no sooner.
        if (isNew) yield held.update(NOTHING_NEW, { ...page, reached: new Map(marks) })
        told.took(held.kept(space.reference, before), cell)
        this.#members = Math.max(this.#members, cell.members)
      }
    } catch (error) {
      this.#health.failed(error)
      throw error
    }
    this.#health.succeeded()
    await this.#noticePeers()
    await this.#lookLater(marks)
  }

  async readState(path: StatePath): Promise<State> {
    return await stateToldBy('holochain', path, this.pull(START_CURSOR, {}))
  }

  /** To every member who is online; whether it arrives nobody learns. @throws SpiceTimeError as the conductor fails */
  async send(space: SpaceReference, message: Uint8Array): Promise<void> {
    const { calls } = await this.#cell(this.#spaceCalled(space))
    await calls.sendSignal(encodeSignal({ kind: 'message', message }))
  }

  /** Merged states of spaces, as ProviderSnapshots has them. */
  readonly snapshots: NodeSnapshots = {
    publish: async (space, snapshot) => {
      const reference = await publishSnapshot(await this.#cellForWriting(this.#spaceCalled(space)), this.#key, snapshot)
      this.#snapshotsPublished += 1
      return reference
    },
    offers: async (space) => {
      const known = this.#spaces().find(({ reference }) => reference === space)
      if (known === undefined) return { every: 0, newest: [] }
      return { every: this.#parts.settings.snapshotEvery, newest: await offeredSnapshots(await this.#cell(known)) }
    },
    read: async (space, offer) => await readSnapshot(await this.#cell(this.#spaceCalled(space)), offer),
    markOf: async (space, cursor) => formatMark(parseCursor(cursor), space),
    cursorAfter: async (space, cursor, mark) => formatCursor(withMark(parseCursor(cursor), space, mark)),
  }

  #spaceCalled(space: string): NetworkSpace {
    const known = this.#spaces().find(({ reference }) => reference === space)
    if (known === undefined) throw spaceGone(space)
    return known
  }

  #spaces(): readonly NetworkSpace[] {
    return this.#parts.device.spaces.list().filter(({ needs }) => needs.includes('team'))
  }

  #desk(space: NetworkSpace): SpaceDesk {
    const known = this.#desks.get(space.reference)
    if (known !== undefined) return known
    const { platform, device } = this.#parts
    const sent = new SentEvents(device.rows, space.reference)
    const publisher = new Publisher({
      ...{ platform, key: this.#key, sent },
      cell: () => this.#cellForWriting(space),
      onWritten: (batch, cell) => this.#written(batch, cell),
    })
    const told = new ToldMarks({
      ...{ platform, rows: device.rows, space: space.reference, onFurther: this.#parts.onNews },
      onFailed: (error) => this.#health.failed(error),
    })
    const desk: SpaceDesk = { sent, told, publisher, refusals: new SpaceRefusals(platform), cell: undefined }
    this.#desks.set(space.reference, desk)
    return desk
  }

  /** What the former agent's levels were is taken back by a pull, before anything is written in the new one's name. */
  async #cellForWriting(space: NetworkSpace): Promise<SpaceCell> {
    const cell = await this.#cell(space)
    if (!cell.wiped) return cell
    this.#parts.onNews()
    throw holochainError('NETWORK_UNAVAILABLE', "The Holochain conductor lost this device's data; it is published again in a moment.")
  }

  #cell(space: NetworkSpace): Promise<SpaceCell> {
    const desk = this.#desk(space)
    desk.cell ??= this.#openCell(space, desk.sent).catch((error: unknown) => {
      desk.cell = undefined
      throw error
    })
    return desk.cell
  }

  async #openCell(space: NetworkSpace, sent: SentEvents): Promise<SpaceCell> {
    const link = await this.#connection.link()
    try {
      return await SpaceCell.open({ space, sent, link })
    } catch (error) {
      if (isSpiceTimeError(error, 'NETWORK_VERSION_UNSUPPORTED') || isSpiceTimeError(error, 'NETWORK_UNAUTHORIZED'))
        this.#connection.drop(link)
      throw error
    }
  }

  async #probe(): Promise<void> {
    await this.#connection.link()
    await this.#openCells()
  }

  async #openCells(): Promise<void> {
    for (const space of this.#spaces()) {
      const { calls } = await this.#cell(space)
      this.#members = Math.max(this.#members, (await calls.members()).length)
      // What is left from before goes out; who waits for it hears of a failure.
      await this.#desk(space).publisher.goOn()
    }
  }

  #written({ events, number }: WrittenBatch, cell: SpaceCell): void {
    // A hint: whoever misses it pulls.
    cell.calls.sendSignal(signalOf(events, number)).catch(() => undefined)
    this.#looks.published()
  }

  /** A conductor without a network takes events all the same: whoever waits for others to hold them should know why they don't. */
  async #noticePeers(): Promise<void> {
    this.#peers = await this.#connection.open?.peers()
    this.#health.note(
      this.#peers === 0
        ? "The conductor is connected to no other node: what is published waits on this device's own chain, and goes on once one is there."
        : undefined,
    )
  }

  async #lookLater(marks: Marks): Promise<void> {
    const held = await Promise.all([...this.#desks.values()].map(({ sent }) => sent.held()))
    this.#looks.pulled(
      held.some((batches) => batches.length > 0),
      marks,
    )
  }
}
