import { verifyEvent } from '../../crypto/verified-events.js'
import type { VerifiedEvent } from '../../crypto/verified-events.js'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventId, SpaceReference } from '../../model/event.js'
import { isAnchor, readAnchor } from './anchor-memo.js'
import type { Ignored } from './ignored.js'
import { decodeMemo } from './memo-text.js'
import type { ReadEvent } from './memo-text.js'
import type { MemoEvent } from './memo-format.js'

/** Events that their author signed, by their place in a memo or a list, and what had to be passed over. */
export interface SignedEvents {
  readonly events: readonly (MemoEvent & { readonly position: number })[]
  readonly ignored: readonly Ignored[]
}

/** What stands in one memo: events, or the CID of a list that a member anchored. */
export interface MemoContent extends SignedEvents {
  readonly anchor?: string
}

/** The space whose memos are read, and its secret for this network. */
export interface MemoSpace {
  readonly reference: SpaceReference
  readonly secret: Uint8Array
}

/** Reads a memo that anyone may have written. Never throws for what stands in it. */
export async function readMemo(memo: string, { reference, secret }: MemoSpace): Promise<MemoContent> {
  try {
    if (!isAnchor(memo)) return await signedEvents(await decodeMemo(memo, reference))
    const anchor = await readAnchor(memo, secret)
    return { events: [], ...(anchor === undefined ? { ignored: ['unproven'] } : { ignored: [], anchor }) }
  } catch (error) {
    if (!isSpiceTimeError(error)) throw error
    return { events: [], ignored: [error.code === 'EVENT_VERSION_UNKNOWN' ? 'version' : 'garbage'] }
  }
}

/** Looks at each signature. @param read what is wrong with it already, in the place of an event */
export async function signedEvents(read: readonly (ReadEvent | Ignored)[]): Promise<SignedEvents> {
  const faults = await Promise.all(read.map(faultOf))
  const inside = new Set<EventId>()
  const events: (MemoEvent & { readonly position: number })[] = []
  const ignored: Ignored[] = []
  for (const [position, event] of read.entries()) {
    const id = typeof event === 'string' ? undefined : event.id
    const fault = faults[position] ?? (id !== undefined && inside.has(id) ? 'repeated' : undefined)
    if (id !== undefined) inside.add(id)
    if (fault !== undefined) ignored.push(fault)
    else if (typeof event !== 'string') events.push({ id: event.id, bytes: event.bytes, position })
  }
  return { events, ignored }
}

/** An event of another space, replayed here, is rebuilt with this space's reference, so its signature fails like a forged one. */
async function faultOf(read: VerifiedEvent | Ignored): Promise<Ignored | undefined> {
  if (typeof read === 'string') return read
  const { id, decoded } = read
  if (!(await verifyEvent({ id, decoded }))) return 'forged'
  return decoded.header.needs.includes('consensus') ? undefined : 'unasked'
}
