import type { DecodedEvent } from '../codec/event-codec.js'
import type { EventId } from '../model/event.js'
import { verifySignature } from './signing.js'

/** Ids that are remembered; the oldest are forgotten first. */
const MOST_REMEMBERED = 4_096

/**
 * Events whose signatures held. An EventId is the digest of all that its author signed and of the signature itself, so what was verified once need
 * not be verified again under the same id: a network's provider looks at it first, the intake next.
 */
const verified = new Set<EventId>()

/** Whether its author signed the event. @param id computed from the event's own bytes by the caller, never taken from elsewhere */
export async function verifyEvent(id: EventId, { header, signature, unsigned }: DecodedEvent): Promise<boolean> {
  if (verified.has(id)) return true
  const holds = await verifySignature(header.author, signature, unsigned)
  if (!holds) return false
  verified.add(id)
  if (verified.size > MOST_REMEMBERED) for (const oldest of verified) if (verified.delete(oldest)) break
  return true
}
