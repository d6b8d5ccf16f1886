import type { ErrorCode } from '../../errors/codes.js'
import { isSpiceTimeError, SpiceTimeError } from '../../errors/spice-time-error.js'
import type { ErrorContext } from '../../errors/spice-time-error.js'

/** Names that @holochain/client gives to what went wrong between it and the conductor. */
const UNAUTHORIZED: readonly string[] = ['InvalidTokenError', 'AppAuthenticationTokenMissing']
const WRONG_APP: readonly string[] = ['AppNotFound']
/** What the conductor says of a zome, or a function of it, that the app does not have. */
const OTHER_ZOME = /zome function that doesn't exist|zome not found|ZomeFnNotExists/i
/** What a commit that this node's own validation refuses is called in the conductor's answer. */
const INVALID = /InvalidCommit|invalid commit/i
const UNGRANTED = /unauthori[sz]ed|BadCapGrant|BadNonce/i

/** What a failure of a call to the conductor means. */
export function callFailure(error: unknown, what: string): SpiceTimeError {
  if (isSpiceTimeError(error)) return error
  const name = error instanceof Error ? error.name : ''
  const said = (error instanceof Error ? error.message : String(error)).slice(0, 300)
  const failure = (code: ErrorCode, message: string): SpiceTimeError =>
    new SpiceTimeError(code, message, { network: 'holochain', holochainError: name }, error)
  if (UNAUTHORIZED.includes(name) || UNGRANTED.test(said))
    return failure('NETWORK_UNAUTHORIZED', `The Holochain conductor does not let this app ${what} (${said}). It is asked for leave again.`)
  if (WRONG_APP.includes(name) || OTHER_ZOME.test(said))
    return failure(
      'NETWORK_VERSION_UNSUPPORTED',
      `The Holochain conductor has another app than this runtime's (${said}). Install holochain/spicetime.happ of this version.`,
    )
  if (INVALID.test(said)) return failure('NETWORK_REFUSED', `Holochain refuses what was to be published: ${said}.`)
  return failure('NETWORK_UNAVAILABLE', `The Holochain conductor could not ${what}: ${said}. It is tried again.`)
}

export function calledOff(reason: unknown): SpiceTimeError {
  return new SpiceTimeError('ABORTED', 'The call to Holochain was called off.', { network: 'holochain' }, reason)
}

export function stopped(): SpiceTimeError {
  return holochainError(
    'NETWORK_NOT_CONNECTED',
    'The network holochain is not started, or was stopped meanwhile; events queue until it is started.',
  )
}

export function notConfigured(): SpiceTimeError {
  return holochainError(
    'NETWORK_NOT_CONNECTED',
    'The app has named no Holochain conductor. Deliveries queue durably on this device; connect({ networks: { holochain: { endpoint, token } } }) sends them.',
  )
}

export function notAsked(): SpiceTimeError {
  return holochainError(
    'NETWORK_NOT_CONNECTED',
    'No space of this device has asked for its team yet; Holochain is contacted when one does.',
  )
}

export function connectionEnded(): SpiceTimeError {
  return holochainError('NETWORK_UNAVAILABLE', 'The connection to the Holochain conductor ended. It is sought again.')
}

export function tooLarge(event: string, bytes: number, limit: number): SpiceTimeError {
  return holochainError('NETWORK_REFUSED', `The event ${event} has ${bytes} bytes; Holochain takes at most ${limit}. Split it.`, { event })
}

export function spaceGone(space: string): SpiceTimeError {
  const message = `This device knows no space with the reference ${space} any more; join it again to send its events.`
  return holochainError('NETWORK_UNAVAILABLE', message, { space })
}

export function holochainError(code: ErrorCode, message: string, context: ErrorContext = {}): SpiceTimeError {
  return new SpiceTimeError(code, message, { network: 'holochain', ...context })
}
