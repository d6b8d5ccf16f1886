import type { OwnedLock, OwnerLocks } from '../runtime/platform/owner-locks.js'
import type { Platform } from '../runtime/platform/platform.js'
import { randomHex } from '../runtime/platform/random-hex.js'
import { ownerName, stealName } from './protocol.js'
import type { OwnerAnswer, OwnerQuestion } from './protocol.js'

/** Milliseconds in which an owner answers before its lock is stolen; twice as long after each theft. */
const FIRST_BOUND = 450
const LONGEST_BOUND = 30_000
/** Milliseconds that an owner has at least which announced itself no longer than that many ago: it is busy with its start. */
const STARTING_BOUND = 1500
const STARTING = 5000
/** Milliseconds after which a theft no longer makes the next bound longer. */
const FORGET = 60_000
/** Milliseconds that an owner of an older build has to finish and let go. */
const YIELD_BOUND = 8000
/** Milliseconds between looks whether it did. */
const YIELD_STEP = 100
/** Rounds in which others may be the ones who steal: whoever was first may have been frozen over it. */
const POLITE_ROUNDS = 3

/** A host that is not the owner, as its contest sees it. */
export interface Contender {
  readonly name: string
  readonly database: number
  readonly locks: OwnerLocks
  readonly platform: Platform
  readonly owned: () => boolean
  /** When another host was last heard to become the owner, on the platform's monotonic clock. */
  readonly announced: () => number
  /** Waits for the lock, where it doesn't yet. */
  readonly queue: () => void
  readonly leaveQueue: () => void
  /** What comes of the promise, or undefined once this host has the lock. */
  readonly orGranted: <T>(promise: Promise<T>) => Promise<T | undefined>
  readonly ask: (question: OwnerQuestion) => void
  readonly take: (lock: OwnedLock) => void
}

/** Finds out whether the owner lives: asks an older one to yield, and robs a silent one. Loaded only where another host has the lock. */
export class Contest {
  readonly #host: Contender
  readonly #answers = new Map<string, (answer: OwnerAnswer) => void>()
  #thefts = 0
  #lastTheft = 0

  constructor(host: Contender) {
    this.#host = host
  }

  /** Resolves with true once this host owns the database, with false once another is known to own it and to live. */
  async decide(): Promise<boolean> {
    const { database, name, locks, orGranted, owned } = this.#host
    for (let round = 1; ; round += 1) {
      this.#host.queue()
      const holder = await orGranted(locks.holder(ownerName(name)))
      const probe = this.#probe()
      await orGranted(probe)
      if (owned()) return true
      const answer = await probe
      if (answer !== undefined && answer.database >= database) return false
      if (answer === undefined) await this.#steal(holder, round)
      else await this.#askToYield(holder, round)
      if (owned()) return true
    }
  }

  answered(answer: OwnerAnswer): void {
    this.#answers.get(answer.id)?.(answer)
  }

  /** The owner's answer, or undefined when none came within the bound. */
  #probe(): Promise<OwnerAnswer | undefined> {
    return this.#question((id) => ({ spicetime: 'probe', id }))
  }

  #bound(): number {
    const now = this.#host.platform.monotonic()
    if (now - this.#lastTheft > FORGET) this.#thefts = 0
    const bound = Math.min(FIRST_BOUND * 2 ** this.#thefts, LONGEST_BOUND)
    return now - this.#host.announced() < STARTING ? Math.max(bound, STARTING_BOUND) : bound
  }

  #question(make: (id: string) => OwnerQuestion): Promise<OwnerAnswer | undefined> {
    const { ask, platform } = this.#host
    const bound = this.#bound()
    const id = randomHex(platform, 8)
    const asked = platform.monotonic()
    return new Promise((resolve) => {
      const settle = (answer?: OwnerAnswer): void => {
        cancel()
        this.#answers.delete(id)
        resolve(answer)
      }
      const onBound = (): void => {
        // This host itself stood still, and the answer may be there, unread; or there is a new owner by now.
        if (platform.monotonic() - asked > 2 * bound || this.#bound() > bound) void this.#question(make).then(settle)
        else settle()
      }
      const cancel = platform.after(bound, onBound)
      this.#answers.set(id, settle)
      ask(make(id))
    })
  }

  async #steal(silent: string | undefined, round: number): Promise<void> {
    const { leaveQueue, locks, name, owned, platform, take } = this.#host
    const theft = async (): Promise<void> => {
      // Another owner than the one that was asked, or none: ask again, or wait for one's turn.
      if (silent === undefined || (await locks.holder(ownerName(name))) !== silent || owned()) return
      leaveQueue()
      this.#thefts += 1
      this.#lastTheft = platform.monotonic()
      take(await locks.steal(ownerName(name)))
    }
    // One thief for each victim, or all who found it silent would rob each other.
    const alone = await locks.alone(stealName(name), theft)
    if (!alone && round > POLITE_ROUNDS) await theft()
  }

  /** Resolves when that owner has let go, or has had its time. */
  async #askToYield(holder: string | undefined, round: number): Promise<void> {
    const { database, locks, name, orGranted, owned, platform } = this.#host
    const started = platform.monotonic()
    const asked = await this.#question((id) => ({ spicetime: 'yield', id, database }))
    if (asked === undefined) return
    while (platform.monotonic() - started < YIELD_BOUND) {
      await orGranted(new Promise<void>((resolve) => platform.after(YIELD_STEP, resolve)))
      if (owned() || (await locks.holder(ownerName(name))) !== holder) return
    }
    if (!owned()) await this.#steal(holder, round)
  }
}
