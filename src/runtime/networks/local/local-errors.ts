import { asSpiceTimeError, SpiceTimeError } from '../../errors/spice-time-error.js'
import type { ErrorCode } from '../../errors/codes.js'
import type { EventId } from '../../model/event.js'

/** Failures of the device's storage that pass: the delivery is tried again. All others are for ever. */
const PASSING: readonly ErrorCode[] = [
  'STORAGE_FULL',
  'STORAGE_FAILED',
  'STORAGE_CLOSED',
  'STORAGE_BLOCKED',
  'STORAGE_UNAVAILABLE',
  'RUNTIME_CLOSED',
]

/** What went wrong in the log, as the provider's port words it, with the failure itself as cause. */
export function localFailure(error: unknown, event: EventId): SpiceTimeError {
  const { code, message } = asSpiceTimeError(error, 'STORAGE_FAILED')
  if (code === 'NETWORK_REFUSED' || code === 'NETWORK_NOT_CONNECTED' || code === 'ABORTED') return asSpiceTimeError(error)
  if (PASSING.includes(code)) {
    return new SpiceTimeError(
      'NETWORK_UNAVAILABLE',
      `This device can't keep the event ${event} now: ${message}`,
      { network: 'local', event },
      error,
    )
  }
  return new SpiceTimeError(
    'NETWORK_REFUSED',
    `This device does not take the event ${event}: ${message}`,
    { network: 'local', event },
    error,
  )
}

export function tooLarge(event: EventId, bytes: number, limit: number): SpiceTimeError {
  return new SpiceTimeError(
    'NETWORK_REFUSED',
    `The event ${event} has ${bytes} bytes; this device takes at most ${limit}. Split the value over several documents.`,
    { network: 'local', event, bytes, limit },
  )
}

export function notStarted(): SpiceTimeError {
  return new SpiceTimeError('NETWORK_NOT_CONNECTED', 'The local network is not started; open the runtime first.', { network: 'local' })
}

export function calledOff(reason: unknown): SpiceTimeError {
  return new SpiceTimeError('ABORTED', 'The call to the local network was called off.', { network: 'local' }, reason)
}

export function badCursor(cursor: string): SpiceTimeError {
  return new SpiceTimeError(
    'INPUT_MALFORMED',
    `'${cursor.slice(0, 40)}' is no cursor of the local network; start again from the beginning.`,
    { network: 'local' },
  )
}
