import { KEYED_METHODS } from '../../workers/protocol.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'

/** For a call on a client that was closed. */
export function closedError(method: string): SpiceTimeError {
  return new SpiceTimeError('RUNTIME_CLOSED', `${method} found this client closed. Call connect() again.`, { method })
}

/** For a call whose signal said to stop. */
export function abortedError(method: string, signal: AbortSignal | undefined): SpiceTimeError {
  const note = KEYED_METHODS.some((keyed) => keyed === method) ? ' What was already sent may still take effect.' : ''
  return new SpiceTimeError('ABORTED', `${method} was called off by its signal.${note}`, { method }, signal?.reason)
}

/** For a value that structured clone refuses. */
export function uncloneableError(method: string, error: DOMException): SpiceTimeError {
  const todo = 'Pass plain values: no functions, symbols or DOM nodes.'
  return new SpiceTimeError(
    'VALUE_NOT_ENCODABLE',
    `${method} was given something that can't leave the page (${error.message}). ${todo}`,
    { method },
    error,
  )
}
