import type { OwnedLock, OwnerLocks } from '../runtime/platform/owner-locks.js'
import type { Platform } from '../runtime/platform/platform.js'
import { randomHex } from '../runtime/platform/random-hex.js'
import type { Channel, OpenChannel } from './channel.js'
import { ownerName, parseOwnerAnswer, parseOwnerQuestion, PROTOCOL_VERSIONS, stealName } from './protocol.js'
import type { OwnerAnswer, OwnerQuestion } from './protocol.js'

/** Milliseconds in which an owner answers before its lock is stolen; twice as long after each theft. */
const FIRST_BOUND = 300
const LONGEST_BOUND = 30_000
/** Milliseconds after which a theft no longer makes the next bound longer. */
const FORGET = 60_000
/** Milliseconds that an owner of an older build has to finish and let go. */
const YIELD_BOUND = 8000
/** Milliseconds between looks whether it did. */
const YIELD_STEP = 100
/** Rounds in which others may be the ones who steal: whoever was first may have been frozen over it. */
const POLITE_ROUNDS = 3

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
}

/**
 * Whether this host owns the database. The lock says who does, and a probe whether that one still lives: docs/decisions/0010-one-owner.md.
 */
export class Ownership {
  readonly #options: OwnershipOptions
  readonly #events: OwnerEvents
  readonly #channel: Channel
  readonly #answers = new Map<string, (answer: OwnerAnswer) => void>()
  #lock: OwnedLock | undefined
  #waiting: AbortController | undefined
  /** Resolves when the lock was given to this host. */
  #granted: Promise<void> = Promise.resolve()
  #asking: Promise<boolean> | undefined
  #thefts = 0
  #lastTheft = 0

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
    this.#waiting?.abort()
    this.#waiting = undefined
    const lock = this.#lock
    this.#lock = undefined
    lock?.release()
  }

  async #decide(): Promise<boolean> {
    const { database, locks, name } = this.#options
    for (let round = 1; ; round += 1) {
      this.#queue()
      const holder = await this.#orGranted(locks.holder(ownerName(name)))
      const answer = await this.#orGranted(this.#probe())
      if (this.owned) return true
      if (answer !== undefined && answer.database >= database) return false
      if (answer === undefined) await this.#steal(holder, round)
      else await this.#askToYield(holder, round)
      if (this.owned) return true
    }
  }

  /** What comes of the promise, or undefined once this host owns the lock. */
  #orGranted<T>(promise: Promise<T>): Promise<T | undefined> {
    return Promise.race([promise, this.#granted.then(() => undefined)])
  }

  #queue(): void {
    if (this.#waiting !== undefined) return
    const waiting = new AbortController()
    this.#waiting = waiting
    this.#granted = this.#options.locks.own(ownerName(this.#options.name), waiting.signal).then((lock) => {
      if (waiting.signal.aborted) lock.release()
      else this.#take(lock)
    })
    // Whoever waits for it gets the failure; a call that was called off fails for nobody.
    this.#granted.catch(() => undefined)
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
  }

  /** The owner's answer, or undefined when none came within the bound. */
  #probe(): Promise<OwnerAnswer | undefined> {
    const bound = this.#bound()
    return this.#question((id) => ({ spicetime: 'probe', id }), bound)
  }

  #bound(): number {
    if (this.#options.platform.monotonic() - this.#lastTheft > FORGET) this.#thefts = 0
    return Math.min(FIRST_BOUND * 2 ** this.#thefts, LONGEST_BOUND)
  }

  #question(make: (id: string) => OwnerQuestion, bound: number): Promise<OwnerAnswer | undefined> {
    const { platform } = this.#options
    const id = randomHex(platform, 8)
    const asked = platform.monotonic()
    return new Promise((resolve) => {
      const settle = (answer?: OwnerAnswer): void => {
        cancel()
        this.#answers.delete(id)
        resolve(answer)
      }
      const onBound = (): void => {
        // This host itself stood still: the answer may be there, unread.
        if (platform.monotonic() - asked > 2 * bound) void this.#question(make, bound).then(settle)
        else settle()
      }
      const cancel = platform.after(bound, onBound)
      this.#answers.set(id, settle)
      this.#channel.postMessage(make(id))
    })
  }

  async #steal(silent: string | undefined, round: number): Promise<void> {
    const { locks, name, platform } = this.#options
    const theft = async (): Promise<void> => {
      // Another owner than the one that was asked, or none: ask again, or wait for one's turn.
      if (this.owned || silent === undefined || (await locks.holder(ownerName(name))) !== silent) return
      this.#waiting?.abort()
      this.#waiting = undefined
      this.#thefts += 1
      this.#lastTheft = platform.monotonic()
      this.#take(await locks.steal(ownerName(name)))
    }
    // One thief for each victim, or all who found it silent would rob each other.
    const alone = await locks.alone(stealName(name), theft)
    if (!alone && round > POLITE_ROUNDS) await theft()
  }

  /** Resolves when that owner has let go, or has had its time. */
  async #askToYield(holder: string | undefined, round: number): Promise<void> {
    const { database, locks, name, platform } = this.#options
    const started = platform.monotonic()
    const asked = await this.#orGranted(this.#question((id) => ({ spicetime: 'yield', id, database }), this.#bound()))
    if (asked === undefined) return
    while (!this.owned && platform.monotonic() - started < YIELD_BOUND) {
      await this.#orGranted(new Promise<void>((resolve) => platform.after(YIELD_STEP, resolve)))
      if (this.owned || (await locks.holder(ownerName(name))) !== holder) return
    }
    if (!this.owned) await this.#steal(holder, round)
  }

  #receive(data: unknown): void {
    const answer = parseOwnerAnswer(data)
    if (answer !== undefined) return this.#answers.get(answer.id)?.(answer)
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
