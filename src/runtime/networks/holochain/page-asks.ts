import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { PageServices } from '../provider-parts.js'
import { callFailure, holochainError } from './holochain-errors.js'

/**
 * What a page offers as `holochain-conductor`. Requests and answers are plain data; `page/holochain-conductor.ts` is the other end.
 *
 * | request | answer |
 * | --- | --- |
 * | `{ kind: 'open' }` | `{ by: 'launcher', url, token }`: the app's websocket, which the runtime opens itself; or `{ by: 'client' }`: all goes through the page |
 * | `{ kind: 'sign', call }` | `{ bytes, signature }` of a zome call, by the launcher |
 * | `{ kind: 'cell', role, seed, properties }` | `{ dna, agent }`: the clone with that network seed, made when there is none |
 * | `{ kind: 'call', call }` | `{ answer }` |
 * | `{ kind: 'signals' }` | `{ signals: [{ dna, payload }] }`, once there are some, or none after a while |
 */
export const CONDUCTOR_SERVICE = 'holochain-conductor'

export type AskPage = (request: Readonly<Record<string, unknown>>, signal?: AbortSignal) => Promise<Readonly<Record<string, unknown>>>

/** Milliseconds that a page gets for an answer. */
const PATIENCE = 60_000

/** @throws SpiceTimeError from each ask: NETWORK_UNAVAILABLE when no page offers a conductor, and as the conductor fails */
export function askOf(services: () => Promise<PageServices>): AskPage {
  return async (request, signal = AbortSignal.timeout(PATIENCE)) => {
    try {
      const answer = await (await services()).ask(CONDUCTOR_SERVICE, request, { signal })
      if (typeof answer !== 'object' || answer === null) throw strange()
      return { ...answer }
    } catch (error) {
      throw pageFailure(error)
    }
  }
}

function pageFailure(error: unknown): SpiceTimeError {
  const code = error instanceof SpiceTimeError ? error.code : undefined
  const message = error instanceof Error ? error.message : String(error)
  if (code === 'PAGE_NEEDED')
    return new SpiceTimeError(
      'NETWORK_UNAVAILABLE',
      'No page offers a Holochain conductor now: open the app in its launcher. Events wait until then.',
      { network: 'holochain' },
      error,
    )
  if (code === 'ABORTED')
    return new SpiceTimeError(
      'NETWORK_UNAVAILABLE',
      'The page with the Holochain conductor does not answer.',
      { network: 'holochain' },
      error,
    )
  return code?.startsWith('NETWORK_') === true && error instanceof SpiceTimeError
    ? error
    : callFailure(new Error(message), 'do what a page asks it')
}

export function strange(): SpiceTimeError {
  return holochainError(
    'NETWORK_VERSION_UNSUPPORTED',
    'The page answers for its Holochain conductor what this runtime does not know. Reload it.',
  )
}
