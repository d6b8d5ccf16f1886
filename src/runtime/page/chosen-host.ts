import { isSpiceTimeError, SpiceTimeError } from '../errors/spice-time-error.js'
import type { Host, HostPort } from './host.js'

/** Makes a host; undefined where this browser has none of the kind. */
export type HostChoice = () => Host | undefined | Promise<Host | undefined>

/**
 * The first kind of host that this browser can have, for good: never another one because something is slow.
 * @param choices from the best on
 */
export function chosenHost(choices: readonly HostChoice[]): Host {
  let next = 0
  let current: Host | undefined
  const choose = async (): Promise<Host> => {
    while (current === undefined && next < choices.length) current = await choices[next++]?.()
    if (current === undefined) throw unavailable()
    return current
  }
  return {
    async open(silent): Promise<HostPort> {
      for (;;) {
        const host = await choose()
        try {
          return await host.open(silent)
        } catch (error) {
          if (!isSpiceTimeError(error, 'WORKER_FAILED') || next === choices.length) throw error
          current = undefined
        }
      }
    },
    openOwner() {
      if (current === undefined) throw unavailable()
      return current.openOwner()
    },
    fallBack() {
      if (next === choices.length) return false
      current = undefined
      return true
    },
  }
}

function unavailable(): SpiceTimeError {
  return new SpiceTimeError(
    'WORKER_UNAVAILABLE',
    'This browser allows this page neither workers nor locks. Open the app over https or on localhost, in a current browser, with site data allowed.',
  )
}
