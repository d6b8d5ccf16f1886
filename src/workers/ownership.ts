import type { OwnedLock, OwnerLocks } from '../runtime/platform/owner-locks.js'
import type { Platform } from '../runtime/platform/platform.js'
import type { Channel, OpenChannel } from './channel.js'
import type { Contender, Contest } from './contest.js'
import { ownerName, parseOwnerAnswer, parseOwnerQuestion, PROTOCOL_VERSIONS } from './protocol.js'
import type { OwnerAnswer } from './protocol.js'

/** A lock that was waited for no longer than that many milliseconds was not given to a sleeper. */
const PROMPT = 200

export interface OwnershipOptions {
  readonly name: string
  /** Version of the database that this build writes. */
  readonly database: number
  readonly generation: string
  readonly locks: OwnerLocks
  readonly channels: OpenChannel
  readonly platform: Platform
}

/** What the owner does; never called while somebody else is it. */
export interface OwnerEvents {
  /** This host owns the database from now on. */
  onOwned(): void
  /** It does no more: the lock was stolen. */
  onLost(): void
  /** A newer build needs the database: finish, then `release`. */
  onYield(): void
  /** A page wants a port over the BroadcastChannel of that name. */
  onConnect(channel: string): void
  /** The inbox has something. */
  onDrain(): void
  /** What is needed once another owns the database could not be loaded. */
  onFailure(error: unknown): void
}

/**
 * Whether this host owns the database. The lock says who does, and a probe whether that one still lives: docs/decisions/0010-one-owner.md.
 */
export class Ownership {
  readonly #options: OwnershipOptions
  readonly #events: OwnerEvents
  readonly #channel: Channel
  #lock: OwnedLock | undefined
  #waiting: AbortController | undefined
  /** Resolves when the lock was given to this host. */
  #granted: Promise<void> = Promise.resolve()
  #asking: Promise<boolean> | undefined
  #contest: Contest | undefined
  #announced = -Infinity

  constructor(options: OwnershipOptions, events: OwnerEvents) {
    this.#options = options
    this.#events = events
    this.#channel = options.channels(ownerName(options.name))
    this.#channel.addEventListener('message', (event) => this.#receive(event.data))
  }

  get owned(): boolean {
    return this.#lock !== undefined
  }

  /**
   * Resolves with true once this host owns the database, with false once another host is known to own it and to live; this one stays in the
   * queue, and owns it when that one goes. An owner of an older build is asked to yield, a silent one is robbed.
   */
  async ask(): Promise<boolean> {
    if (this.owned) return true
    this.#asking ??= this.#decide().finally(() => (this.#asking = undefined))
    return this.#asking
  }

  /** Lets go of the lock, and of the place in its queue. */
  release(): void {
    this.#leaveQueue()
    const lock = this.#lock
    this.#lock = undefined
    lock?.release()
  }

  async #decide(): Promise<boolean> {
    this.#queue()
    // Most often nobody has it, and this host has it before it knows who did.
    await this.#orGranted(this.#options.locks.holder(ownerName(this.#options.name)))
    if (this.owned) return true
    const contest = await this.#loadContest()
    return contest.decide()
  }

  /** Its code is another file, which must be here before it is needed: a newer build may have taken its place on the server by then. */
  async #loadContest(): Promise<Contest> {
    const { Contest: Loaded } = await import('./contest.js')
    return (this.#contest ??= new Loaded(this.#contender()))
  }

  #contender(): Contender {
    return {
      ...this.#options,
      owned: () => this.owned,
      announced: () => this.#announced,
      queue: () => this.#queue(),
      orGranted: (promise) => this.#orGranted(promise),
      ask: (question) => this.#channel.postMessage(question),
      leaveQueue: () => this.#leaveQueue(),
      take: (lock) => this.#take(lock),
    }
  }

  #leaveQueue(): void {
    this.#waiting?.abort()
    this.#waiting = undefined
  }

  /** What comes of the promise, or undefined once this host owns the lock. */
  #orGranted<T>(promise: Promise<T>): Promise<T | undefined> {
    return Promise.race([promise, this.#granted.then(() => undefined)])
  }

  #queue(): void {
    if (this.#waiting !== undefined) return
    const waiting = new AbortController()
    this.#waiting = waiting
    this.#granted = this.#wait(waiting.signal)
    // Whoever waits for it gets the failure; a call that was called off fails for nobody.
    this.#granted.catch(() => undefined)
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { locks, name, platform } = this.#options
    const asked = platform.monotonic()
    const lock = await locks.own(ownerName(name), signal)
    let lost = false
    void lock.lost.then(() => (lost = true))
    // A frozen host is given the lock too, and robbed of it: when it wakes, it must not start before it hears of that.
    if (platform.monotonic() - asked > PROMPT) await locks.holder(ownerName(name))
    if (signal.aborted) lock.release()
    else if (lost) this.#waiting = undefined
    else this.#take(lock)
  }

  #take(lock: OwnedLock): void {
    this.#lock = lock
    this.#waiting = undefined
    void lock.lost.then(() => {
      if (this.#lock !== lock) return
      this.#lock = undefined
      this.#events.onLost()
    })
    this.#say('')
    this.#events.onOwned()
    this.#loadContest().catch((error: unknown) => this.#events.onFailure(error))
  }

  #receive(data: unknown): void {
    const answer = parseOwnerAnswer(data)
    if (answer?.id === '') this.#announced = this.#options.platform.monotonic()
    if (answer !== undefined) return this.#contest?.answered(answer)
    const question = parseOwnerQuestion(data)
    if (question === undefined || !this.owned) return
    if (question.spicetime === 'connect') return this.#events.onConnect(question.channel)
    if (question.spicetime === 'drain') return this.#events.onDrain()
    this.#say(question.id)
    if (question.spicetime === 'yield' && question.database > this.#options.database) this.#events.onYield()
  }

  #say(id: string): void {
    const { generation, database } = this.#options
    const answer: OwnerAnswer = { spicetime: 'owner', id, generation, database, protocols: PROTOCOL_VERSIONS }
    this.#channel.postMessage(answer)
  }
}
