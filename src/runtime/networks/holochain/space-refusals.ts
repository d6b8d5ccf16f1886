import { toBase32 } from '../../codec/base32.js'
import type { Platform } from '../../platform/platform.js'
import type { RefusedPublication } from '../provider.js'
import type { RefusedAction, ZomeCalls } from './zome-calls.js'

/** A space's cell, as far as it is needed to be asked. */
interface Witness {
  readonly calls: Pick<ZomeCalls, 'refused'>
}

/** Milliseconds between two questions: warrants are for people, and each question looks at every member. */
const PAUSE = 10_000

/** What nodes of one space's network refused of its members: each is told once in this device's life. */
export class SpaceRefusals {
  readonly #platform: Platform
  readonly #told = new Set<string>()
  #next = 0

  constructor(platform: Platform) {
    this.#platform = platform
  }

  get count(): number {
    return this.#told.size
  }

  /** What came since the last question; nothing where it was asked a moment ago. */
  async news({ calls }: Witness): Promise<readonly RefusedPublication[]> {
    const now = this.#platform.monotonic()
    if (now < this.#next) return []
    this.#next = now + PAUSE
    const news: RefusedPublication[] = []
    for (const refused of await refusedIn(calls)) {
      const reference = toBase32(refused.action)
      if (this.#told.has(reference)) continue
      this.#told.add(reference)
      news.push({ author: toBase32(refused.agent), reference, reason: reasonOf(refused) })
    }
    return news
  }
}

/** It is for people alone: an app that was installed before its zome told this goes on without, and a conductor that is gone is noticed by the next call. */
async function refusedIn(calls: Witness['calls']): Promise<readonly RefusedAction[]> {
  try {
    return await calls.refused()
  } catch {
    return []
  }
}

function reasonOf({ reason, by }: RefusedAction): string {
  const what = reason === '' ? "Its author's chain has two actions at one place." : reason
  return `${what} (found by ${toBase32(by)})`
}
