import { asSpiceTimeError } from '../errors/spice-time-error.js'
import type { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Diagnostics } from '../diagnostics/diagnostics.js'
import type { Brought, EventIntake } from '../events/event-applier.js'
import { START_CURSOR } from '../model/cursor.js'
import type { Cursor } from '../model/cursor.js'
import type { Network } from '../model/network.js'
import type { NetworkProvider, Update } from '../networks/provider.js'
import type { Platform } from '../platform/platform.js'
import type { Store } from '../storage/store.js'

/** How one pull ended. */
export interface PullReport {
  readonly network: Network
  /** Milliseconds since 1970. */
  readonly at: number
  /** Events it brought, known ones included. */
  readonly events: number
  /** Absent when it caught up. */
  readonly error?: SpiceTimeError
  /** Events that wait for others found no room: the next pull begins before them. */
  readonly behind: boolean
  /** Pulls that failed one after the other. */
  readonly failures: number
}

export interface PullParts {
  readonly store: Store
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly intake: EventIntake
  readonly provider: NetworkProvider
  readonly told: (report: PullReport) => void
  /** @see SyncParts */
  readonly beforeUpdate?: BeforeUpdate
}

/** @returns whether something was taken in place of the update, so that the pull begins again where the cursor is then */
export type BeforeUpdate = (provider: NetworkProvider, update: Update, signal: AbortSignal) => Promise<boolean>

/** Milliseconds between two pulls that brought something, and the most that they grow apart while nothing comes or all fails. */
const SHORTEST_PAUSE = 2_000
const LONGEST_PAUSE = 60_000
/** News that comes within so many milliseconds shares a pull. */
const NEWS_PAUSE = 50

const text = new TextDecoder()

/** Pulls from one network, one pull at a time. */
export class NetworkPull {
  last: PullReport | undefined
  readonly #parts: PullParts
  #controller = new AbortController()
  #started = false
  #running: Promise<PullReport> | undefined
  #pause = SHORTEST_PAUSE
  #cancelTimer: () => void = () => undefined
  #cancelNews: () => void = () => undefined
  /** News came that no pull has gone after yet. */
  #heard = false
  /** What the pull under way brought did not all find room: no cursor is kept from there on. */
  #behind = false
  readonly #undo: (() => void)[] = []

  constructor(parts: PullParts) {
    this.#parts = parts
  }

  start(): void {
    if (this.#started) return
    this.#started = true
    this.#controller = new AbortController()
    const { provider } = this.#parts
    this.#undo.push(
      provider.onStatus(() => this.#statusChanged()),
      provider.onNews(() => this.#onNews()),
    )
    this.#statusChanged()
  }

  async stop(): Promise<void> {
    this.#started = false
    for (const undo of this.#undo.splice(0)) undo()
    this.#cancelTimer()
    this.#cancelNews()
    this.#heard = false
    this.#controller.abort()
    await this.#running
  }

  /** Pulls until it has caught up; joins a pull that is under way, then pulls once more. Never rejects: the report tells. */
  async now(): Promise<PullReport> {
    await this.#running
    // Emptied once it is over, and never before it is set: a pull that has nothing to ask ends at once.
    this.#running ??= this.#pull().finally(() => (this.#running = undefined))
    return await this.#running
  }

  #statusChanged(): void {
    this.#cancelTimer()
    if (this.#parts.provider.status().state !== 'connected') return
    // What was written meanwhile may come a little after the network itself.
    this.#pause = SHORTEST_PAUSE
    this.#inBackground()
  }

  /** However much news comes, one pull goes after it, and none before the last one has ended. */
  #onNews(): void {
    if (this.#heard) return
    this.#heard = true
    this.#cancelNews = this.#parts.platform.after(NEWS_PAUSE, () => void this.#pullNews())
  }

  async #pullNews(): Promise<void> {
    // What comes from here on is news for the next pull.
    await this.#running
    this.#heard = false
    if (this.#parts.provider.status().state === 'connected') this.#inBackground()
  }

  /** `now` never rejects, so nothing is lost by not waiting. */
  #inBackground(): void {
    if (this.#started) void this.now()
  }

  async #pull(): Promise<PullReport> {
    const { provider, platform, told } = this.#parts
    const { signal } = this.#controller
    this.#cancelTimer()
    let events = 0
    let error: SpiceTimeError | undefined
    this.#behind = false
    const from = await this.#cursor().catch(() => undefined)
    try {
      if (provider.status().state === 'connected') for await (const count of this.#bring(signal)) events += count
    } catch (caught) {
      error = asSpiceTimeError(caught, 'NETWORK_UNAVAILABLE', { network: provider.network })
    }
    const calledOff = error?.code === 'ABORTED' && signal.aborted
    const failures = error === undefined || calledOff ? 0 : (this.last?.failures ?? 0) + 1
    const report = {
      network: provider.network,
      at: platform.now(),
      events,
      failures,
      behind: this.#behind,
      ...(error === undefined || calledOff ? {} : { error }),
    }
    this.last = report
    this.#schedule(report, (await this.#cursor().catch(() => undefined)) !== from)
    told(report)
    return report
  }

  /** While an update is taken in, the next one is fetched: never more than one ahead, and each is durable with its cursor before the one after it. */
  async *#bring(signal: AbortSignal): AsyncIterable<number> {
    const { provider, intake, beforeUpdate, diagnostics } = this.#parts
    const { network } = provider
    let taking: Promise<unknown> = Promise.resolve()
    try {
      for await (const update of provider.syncUpdates(await this.#cursor(), { signal })) {
        await taking
        for (const refused of update.refused ?? []) diagnostics.emit({ kind: 'batch-refused', network, ...refused })
        if (update.events.length > 0 && (await beforeUpdate?.(provider, update, signal)) === true) {
          yield* this.#bring(signal)
          return
        }
        taking = intake.receive(network, this.#held(update))
        // Whether it failed is asked above, or at the end.
        taking.catch(() => undefined)
        // Until all is taken back the network must not think so: it would not say it again to a device that is killed meanwhile.
        if (update.reset === true) await taking
        yield update.events.length
      }
    } finally {
      await taking
    }
  }

  #held({ cursor, ...update }: Update): Brought {
    const onNoRoom = (): void => void (this.#behind = true)
    return { ...update, onNoRoom, ...(this.#behind && update.cursorWithout === undefined ? {} : { cursor }) }
  }

  async #cursor(): Promise<Cursor> {
    const row = await this.#parts.store.get(`+/c/${this.#parts.provider.network}`)
    return row === undefined ? START_CURSOR : (text.decode(row) as Cursor)
  }

  /** Soon while something comes, ever later while nothing does, all fails or nothing finds room. `moved`: some of it did. */
  #schedule({ events, error, behind }: PullReport, moved: boolean): void {
    const { platform, provider } = this.#parts
    if (!this.#started || provider.status().state !== 'connected') return
    this.#pause = events > 0 && error === undefined && (moved || !behind) ? SHORTEST_PAUSE : Math.min(LONGEST_PAUSE, this.#pause * 2)
    const [chance = 0] = platform.randomBytes(1)
    // A tenth is left to chance, so that devices do not pull in step.
    this.#cancelTimer = platform.after(this.#pause * (0.95 + chance / 2_560), () => this.#inBackground())
  }
}
