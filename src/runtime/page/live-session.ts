import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { StatePath } from '../model/path.js'
import { browserPlatform } from '../platform/browser.js'

/** Editors that one author can have open on one field. */
const SESSIONS = 31

export interface LiveSession {
  readonly number: number
  readonly free: () => void
}

/** Taken in this process, where there are no Web Locks. */
const taken = new Set<string>()

/**
 * A number that no other living editor of this field on this device has, in whatever tab: a Web Lock, so that it outlives workers and ends with the page.
 * At random, so that one that ended a moment ago and may still have a message under way is hardly ever followed by one of its number.
 * @throws SpiceTimeError CONFLICT when all are taken
 */
export async function takeSession(path: StatePath): Promise<LiveSession> {
  const first = (browserPlatform.randomBytes(1)[0] ?? 0) % SESSIONS
  for (let step = 0; step < SESSIONS; step++) {
    const number = ((first + step) % SESSIONS) + 1
    const free = await take(`spicetime-live/${path}/${number}`)
    if (free !== undefined) return { number, free }
  }
  throw new SpiceTimeError('CONFLICT', `'${path}' is open in ${SESSIONS} editors of this device. Close one of them.`, { path })
}

function take(name: string): Promise<(() => void) | undefined> {
  if (typeof navigator === 'undefined' || !('locks' in navigator)) return Promise.resolve(takeHere(name))
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (lock === null) return resolve(undefined)
        return new Promise<void>((release) => resolve(() => release()))
      })
      .catch(reject)
  })
}

function takeHere(name: string): (() => void) | undefined {
  if (taken.has(name)) return undefined
  taken.add(name)
  return () => taken.delete(name)
}
