import type { DecodedEvent } from '../codec/event-codec.js'
import type { EventId } from '../model/event.js'
import { verifySignature } from './signing.js'

/** An event whose signature held. */
export interface VerifiedEvent {
  readonly id: EventId
  readonly decoded: DecodedEvent
}

/**
 * By the very bytes that were read, which nobody changes: a provider that looks at events' signatures itself spares the intake doing so a second
 * time. Bytes that came from anywhere else are not in it.
 */
const verified = new WeakMap<Uint8Array, VerifiedEvent>()

/** Whether its author signed the event. @param event as decoded from its bytes, with the id computed from them */
export async function verifyEvent(event: VerifiedEvent): Promise<boolean> {
  const { header, signature, unsigned, bytes } = event.decoded
  const holds = await verifySignature(header.author, signature, unsigned)
  if (holds) verified.set(bytes, event)
  return holds
}

/** What these bytes say, if they were verified before. */
export function verifiedBefore(bytes: Uint8Array): VerifiedEvent | undefined {
  return verified.get(bytes)
}
