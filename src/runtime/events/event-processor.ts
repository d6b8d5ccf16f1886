import { decodeEvent } from '../codec/event-codec.js'
import type { ParsedInput } from '../codec/input-codec.js'
import type { Author } from '../crypto/signing.js'
import type { Diagnostics } from '../diagnostics/diagnostics.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Event, EventId } from '../model/event.js'
import type { Network } from '../model/network.js'
import type { DocumentPath } from '../model/path.js'
import type { Standing } from '../model/trace.js'
import { Lazy } from '../platform/lazy.js'
import type { Platform } from '../platform/platform.js'
import type { Store, StoreChange } from '../storage/store.js'
import { AuthorChains } from './author-chain.js'
import type { BodyKeeper } from './body-keeper.js'
import { HybridClock } from './clock.js'
import type { Brought, EventApplier, EventComposer, EventIntake, ReceiptApplier } from './event-applier.js'
import { DueEvents } from './due-events.js'
import { IntakeQueue } from './intake-queue.js'
import type { EventLog } from './log.js'
import { Commits } from './commits.js'
import type { CoveredEvents } from './covered-events.js'
import { writeHead } from './log-head.js'
import type { LogHead } from './log-head.js'
import type { EventListQuery, LoggedEvent } from './log-queries.js'
import { logKeys } from './log-keys.js'
import { makeEvents, SubmissionFailed } from './own-events.js'
import type { Submission } from './own-events.js'
import type { SpaceDirectory } from './space-directory.js'
import { SubmittedKeys } from './submitted-keys.js'
import type { SubmitName } from './submitted-keys.js'
import { EventTransaction } from './transaction.js'
import type { Begun } from './transaction.js'
import { WaitingRoom } from './waiting-room.js'
import type { WaitingEvent } from './waiting-row.js'

export { EventLog } from './log.js'
export { readHead } from './log-head.js'
export type { BodyKeeper, BodyOutcome, BodyWish, LargeContent, SlimContent } from './body-keeper.js'
export type { LoggedEvent } from './log-queries.js'

export interface EventProcessorParts {
  readonly store: Store
  readonly author: Author
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly spaces: SpaceDirectory
  readonly composer: EventComposer
  readonly log: EventLog
  readonly bodies: () => Promise<BodyKeeper>
}

export interface AcceptOptions {
  readonly key?: string
  /** The key may have been used in an earlier life of the runtime. */
  readonly again?: boolean
  readonly extra?: readonly StoreChange[]
}

interface Settle {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The one intake: own operations, events of others and receipts become transactions here, one after the other. Everything an event causes on
 * this device is in the transaction that logs it.
 */
export class EventProcessor implements EventIntake {
  readonly log: EventLog
  readonly #waiting: WaitingRoom
  readonly #commits: Commits
  readonly #parts: EventProcessorParts
  readonly #clock: HybridClock
  readonly #chains: AuthorChains
  readonly #keys: SubmittedKeys
  readonly #appliers: EventApplier[] = []
  readonly #receiptAppliers: ReceiptApplier[] = []
  readonly #queue: IntakeQueue
  readonly #due: DueEvents
  readonly #covered = new Lazy(async () => (await import('./covered-events.js')).CoveredEvents.load(this.#parts.store))
  #branchesRemoved = 0

  constructor(parts: EventProcessorParts, head: LogHead) {
    this.#parts = parts
    this.log = parts.log
    this.#waiting = new WaitingRoom(parts.store)
    this.#clock = new HybridClock(() => parts.platform.now(), head.time)
    this.#chains = new AuthorChains(this.log)
    this.#keys = new SubmittedKeys(parts.store)
    this.#commits = new Commits({
      ...parts,
      position: head.position,
      appliers: this.#appliers,
      rollBack: () => this.#rollBack(),
    })
    this.#queue = new IntakeQueue({
      commits: this.#commits,
      makeBatch: (batch) => this.#makeBatch(batch),
      abandoned: () => {
        this.#chains.forget()
        parts.composer.forget()
        this.#waiting.forget()
        this.#covered.forget()
      },
    })
    this.#due = new DueEvents({ ...parts, waiting: this.#waiting, intake: this })
    this.#due.start()
  }

  /** Position of the newest event. */
  get lastPosition(): number {
    return this.#commits.lastPosition
  }

  /** Counts branches that forks took out of the log, in this life: whoever reads the log piece by piece must begin again. */
  get branchesRemoved(): number {
    return this.#branchesRemoved
  }

  register(applier: EventApplier, receiptApplier?: ReceiptApplier): void {
    this.#appliers.push(applier)
    if (receiptApplier !== undefined) this.registerReceipts(receiptApplier)
  }

  registerReceipts(applier: ReceiptApplier): void {
    this.#receiptAppliers.push(applier)
  }

  /**
   * Resolves with the ids once all are durable; rejects, with nothing changed, when one of them can't be done.
   * @param options key names the call, so that a call sent again counts once; extra changes go into the same transaction
   */
  async accept(inputs: readonly ParsedInput[], options: AcceptOptions = {}): Promise<readonly EventId[]> {
    const { key, again = false, ...rest } = options
    if (key === undefined) return await this.#submit(inputs, rest)
    return await this.#keys.once({ key, again }, () => this.#submit(inputs, { ...rest, key }))
  }

  /** The ids of the call of that name, if there was one that succeeded. @throws SpiceTimeError what it fails with, while it is under way */
  submitted(key: string): Promise<readonly EventId[] | undefined> {
    return this.#keys.find(key)
  }

  /**
   * Adds the inverse of an applied event, found when all before it is done, so that two undos in a row take back two events.
   * @throws SpiceTimeError as accept, or what `find` throws
   */
  async undo(find: () => Promise<Event>, named?: SubmitName): Promise<EventId> {
    const undo = (): Promise<readonly EventId[]> =>
      new Promise((resolve, reject) => {
        this.#queue.schedule({
          run: () => this.#undo(find, { resolve, reject, ...(named === undefined ? {} : { key: named.key }) }),
          fail: reject,
        })
      })
    const [id] = named === undefined ? await undo() : await this.#keys.once(named, undo)
    if (id === undefined) throw new SpiceTimeError('INTERNAL', 'The undo got no id.')
    return id
  }

  /** @see EventIntake */
  async receive(network: Network, brought: Brought): Promise<void> {
    if (brought.reset === true) await this.#takeBack(network)
    await this.#receiveOnce(network, brought)
  }

  /** Folds documents anew from their events, where what was kept of them is lost. @throws SpiceTimeError as accept */
  refold(documents: readonly DocumentPath[]): Promise<void> {
    return this.between((changes) => this.#parts.composer.rebuild(documents, changes))
  }

  /** Does a step between two transactions, so that what it reads belongs together; its changes are one. @throws what the step throws */
  between(step: (changes: StoreChange[]) => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.schedule({ run: () => this.#between(step, { resolve, reject }), fail: reject })
    })
  }

  /** Events of a space that wait for others or for their time. */
  async waitingIn(space: string): Promise<readonly WaitingEvent[]> {
    await this.#waiting.load()
    return this.#waiting.list().filter(({ bytes }) => decodeEvent(bytes).header.space === space)
  }

  /** What this device knows by snapshots only. */
  covered(): Promise<CoveredEvents> {
    return this.#covered.get()
  }

  /**
   * Replaces own events at these positions by fewer ones that supersede them, where that can be done: docs/decisions/0013. Meant for events that
   * were never sent. Resolves once that is durable.
   */
  async supersede(positions: readonly number[]): Promise<void> {
    const { supersede } = await import('./superseding.js')
    await supersede(positions, {
      ...this.#parts,
      begin: () => this.#begin(),
      finish: (begun) => this.#finish(begun),
      schedule: (work) => this.#queue.schedule(work),
    })
  }

  /** Why an event is not in the log; undefined when it was never seen, or is there. */
  async standingOf(id: EventId): Promise<Standing | undefined> {
    const { standingOf } = await import('./standings.js')
    return await standingOf(id, { ...this.#parts, waiting: this.#waiting, covered: () => this.covered() })
  }

  /** The newest events of the log, newest first. */
  async list(query: EventListQuery): Promise<readonly LoggedEvent[]> {
    const { listEvents } = await import('./log-queries.js')
    return listEvents(this.log, this.#parts.store, query)
  }

  /** Resolves when everything scheduled is durable or has failed. */
  settled(): Promise<void> {
    return this.#queue.settled()
  }

  async close(): Promise<void> {
    this.#due.stop()
    await this.#queue.close()
  }

  #submit(inputs: readonly ParsedInput[], options: AcceptOptions): Promise<readonly EventId[]> {
    return new Promise((resolve, reject) => this.#queue.submit({ inputs, resolve, reject, ...options }))
  }

  async #makeBatch(batch: Submission[]): Promise<EventTransaction | undefined> {
    while (batch.length > 0) {
      const begun = this.#begin()
      const { transaction, chains } = begun
      try {
        const made = await makeEvents(batch, { ...this.#parts, clock: this.#clock, chains, log: this.log }, transaction)
        this.#keys.record(made, transaction.changes)
        transaction.changes.push(...batch.flatMap(({ extra = [] }) => extra))
        await this.#finish(begun)
        for (const [submission, ids] of made) {
          transaction.onCommitted.push(() => submission.resolve(ids))
          transaction.onFailed.push(submission.reject)
        }
        return transaction
      } catch (error) {
        this.#parts.composer.forget()
        if (!(error instanceof SubmissionFailed)) throw error
        error.submission.reject(error.failure)
        batch.splice(batch.indexOf(error.submission), 1)
      }
    }
    return undefined
  }

  #receiveOnce(network: Network, brought: Brought): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.schedule({ run: () => this.#receive(network, brought, { resolve, reject }), fail: reject })
    })
  }

  /** Before the cursor moves: a network whose reset was cut short says it again. */
  async #takeBack(network: Network): Promise<void> {
    const { takeBack } = await import('./taken-back.js')
    await takeBack(network, { ...this.#parts, waiting: this.#waiting, intake: this, appliers: this.#receiptAppliers })
    this.#covered.forget()
  }

  async #undo(find: () => Promise<Event>, call: Omit<Submission, 'inputs'>): Promise<EventTransaction | undefined> {
    const { makeUndo } = await import('./own-undo.js')
    const target = await find()
    const begun = this.#begin()
    const { transaction, chains } = begun
    const { event, input } = await makeUndo(target, { ...this.#parts, clock: this.#clock, chains }, transaction)
    await this.#finish(begun)
    this.#keys.record(new Map([[{ ...call, inputs: [input] }, [event.id]]]), transaction.changes)
    transaction.onCommitted.push(() => call.resolve([event.id]))
    transaction.onFailed.push(call.reject)
    return transaction
  }

  async #between(step: (changes: StoreChange[]) => Promise<void>, call: Settle): Promise<EventTransaction> {
    const transaction = new EventTransaction(this.#commits.lastPosition)
    await step(transaction.changes)
    if (transaction.changes.length > 0) transaction.onCommitted.push(() => this.#covered.forget())
    transaction.onCommitted.push(call.resolve)
    transaction.onFailed.push(call.reject)
    return transaction
  }

  async #receive(network: Network, brought: Brought, call: Settle): Promise<EventTransaction> {
    // Loaded when a network first brings something.
    const [{ receive }, known] = await Promise.all([import('./receiving.js'), this.covered(), this.#waiting.load()])
    const begun = this.#begin()
    await receive(network, brought, {
      ...{ ...this.#parts, ...begun, log: this.log, waiting: this.#waiting, clock: this.#clock, known },
      receiptAppliers: this.#receiptAppliers,
      finish: async (branchRemoved) => {
        await this.#finish(begun)
        if (!branchRemoved) return
        this.#branchesRemoved++
        this.#chains.forget()
      },
      cover: (covered) => this.#covered.forget(covered),
    })
    begun.transaction.onCommitted.push(call.resolve)
    begun.transaction.onFailed.push(call.reject)
    this.#due.look()
    return begun.transaction
  }

  #begin(): Begun {
    return { transaction: new EventTransaction(this.#commits.lastPosition), chains: this.#chains.begin() }
  }

  async #finish({ transaction, chains }: Begun): Promise<void> {
    await this.#applyAll(transaction)
    this.#chains.keep(chains)
  }

  async #applyAll(transaction: EventTransaction): Promise<void> {
    if (transaction.applied.length === 0) return
    for (const applier of this.#appliers) await applier.apply(transaction.applied, transaction.changes)
    for (const { event } of transaction.applied) this.#clock.see(event.time)
    transaction.changes.push([logKeys.head, writeHead({ position: transaction.lastPosition, time: this.#clock.last })])
  }

  #rollBack(): void {
    this.#chains.forget()
    this.#waiting.forget()
    this.#parts.composer.forget()
    this.#covered.forget()
    for (const applier of [...this.#appliers, ...this.#receiptAppliers]) applier.rolledBack()
  }
}
