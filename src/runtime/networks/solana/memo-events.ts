import { verifyEvent } from '../../crypto/verified-events.js'
import type { VerifiedEvent } from '../../crypto/verified-events.js'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventId, SpaceReference } from '../../model/event.js'
import type { Ignored } from './ignored.js'
import { decodeMemo } from './memo-text.js'
import type { ReadEvent } from './memo-text.js'
import type { MemoEvent } from './memo-format.js'

/** What stands in one memo: events that their author signed, by their place in it, and what had to be passed over. */
export interface MemoContent {
  readonly events: readonly (MemoEvent & { readonly position: number })[]
  readonly ignored: readonly Ignored[]
}

/** Reads a memo that anyone may have written. Never throws for what stands in it. */
export async function readMemo(memo: string, space: SpaceReference): Promise<MemoContent> {
  let decoded: readonly ReadEvent[]
  try {
    decoded = await decodeMemo(memo, space)
  } catch (error) {
    if (!isSpiceTimeError(error)) throw error
    return { events: [], ignored: [error.code === 'EVENT_VERSION_UNKNOWN' ? 'version' : 'garbage'] }
  }
  const faults = await Promise.all(decoded.map((event) => faultOf(event)))
  const inside = new Set<EventId>()
  const events: (MemoEvent & { readonly position: number })[] = []
  const ignored: Ignored[] = []
  for (const [position, event] of decoded.entries()) {
    const fault = faults[position] ?? (inside.has(event.id) ? 'repeated' : undefined)
    inside.add(event.id)
    if (fault === undefined) events.push({ id: event.id, bytes: event.bytes, position })
    else ignored.push(fault)
  }
  return { events, ignored }
}

/** An event of another space, replayed here, is rebuilt with this space's reference, so its signature fails like a forged one. */
async function faultOf({ id, decoded }: VerifiedEvent): Promise<Ignored | undefined> {
  if (!(await verifyEvent({ id, decoded }))) return 'forged'
  return decoded.header.needs.includes('consensus') ? undefined : 'unasked'
}
