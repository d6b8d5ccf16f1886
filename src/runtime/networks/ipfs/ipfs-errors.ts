import type { ErrorCode } from '../../errors/codes.js'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { ErrorContext } from '../../errors/spice-time-error.js'

export function calledOff(reason: unknown): SpiceTimeError {
  return new SpiceTimeError('ABORTED', 'The call to IPFS was called off.', { network: 'ipfs' }, reason)
}

export function stopped(): SpiceTimeError {
  return ipfsError(
    'NETWORK_NOT_CONNECTED',
    'The network ipfs is not started, or was stopped meanwhile; deliveries queue durably until it is started.',
  )
}

export function notConfigured(): SpiceTimeError {
  return ipfsError(
    'NETWORK_NOT_CONNECTED',
    'The app has not asked for IPFS. Deliveries queue durably on this device; connect({ networks: { ipfs: {} } }) keeps content on this device, and with peers, gateways or pins also elsewhere.',
  )
}

export function notAsked(): SpiceTimeError {
  return ipfsError('NETWORK_NOT_CONNECTED', 'No space of this device has asked for storage yet; IPFS is started when one does.')
}

export function tooLarge(event: string, bytes: number, limit: number): SpiceTimeError {
  return ipfsError(
    'NETWORK_REFUSED',
    `The event ${event} has ${bytes} bytes; storage takes events of at most ${limit}. Keep what is large in a file.`,
    {
      event,
    },
  )
}

/** Nobody who could be asked has it. */
export function contentNotFound(cid: string, said: readonly string[]): SpiceTimeError {
  const asked = said.length === 0 ? 'it is not on this device, and no peers or gateways are set up to ask' : said.join('; ')
  return ipfsError('CONTENT_NOT_FOUND', `The content ${cid} was not found: ${asked}. Ask whoever added it to come online or to pin it.`, {
    cid,
  })
}

/** Somebody may have it who could not be asked, or did not answer. */
export function contentUnavailable(cid: string, said: readonly string[], cause?: unknown): SpiceTimeError {
  const message = `The content ${cid} can't be had now: ${said.join('; ')}. Try again when one of them answers.`
  return new SpiceTimeError('CONTENT_UNAVAILABLE', message, { network: 'ipfs', cid }, cause)
}

/** @param what completes "The content … is refused: " */
export function contentDamaged(cid: string, what: string): SpiceTimeError {
  return ipfsError('CONTENT_DAMAGED', `The content ${cid.slice(0, 80)} is refused: ${what}. Ask its author to add it again.`, {
    cid: cid.slice(0, 80),
  })
}

export function ipfsError(code: ErrorCode, message: string, context: ErrorContext = {}): SpiceTimeError {
  return new SpiceTimeError(code, message, { network: 'ipfs', ...context })
}
