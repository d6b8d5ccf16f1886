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
    while (current === undefined) {
      const choice = choices[next++]
      if (choice === undefined) {
        startOver()
        throw unavailable()
      }
      current = await choice()
    }
    return current
  }
  // Whoever tries again after the last kind failed begins with the best: what failed may have been the connection.
  const startOver = (): void => {
    next = 0
    current = undefined
  }
  const giveWay = (): boolean => {
    current = undefined
    if (next < choices.length) return true
    startOver()
    return false
  }
  return {
    async open(silent): Promise<HostPort> {
      for (;;) {
        try {
          return await (await choose()).open(silent)
        } catch (error) {
          if (isSpiceTimeError(error) && error.code !== 'WORKER_FAILED') throw error
          if (!giveWay()) throw isSpiceTimeError(error) ? error : notLoaded(error)
        }
      }
    },
    async openOwner() {
      if (current === undefined) throw unavailable()
      return current.openOwner()
    },
    rest: () => current?.rest?.() === true,
    fallBack: () => current !== undefined && giveWay(),
  }
}

function notLoaded(error: unknown): SpiceTimeError {
  const todo = 'Check the connection and try again, or reload the page.'
  return new SpiceTimeError('WORKER_FAILED', `A part of this app that the runtime needs could not be loaded. ${todo}`, {}, error)
}

function unavailable(): SpiceTimeError {
  return new SpiceTimeError(
    'WORKER_UNAVAILABLE',
    'This browser allows this page neither workers nor locks. Open the app over https or on localhost, in a current browser, with site data allowed.',
  )
}
