import { fromBase32, toBase32 } from '../../codec/base32.js'
import type { OutgoingSnapshot, SnapshotOffer, SnapshotPieces } from '../provider.js'
import type { CallKey } from './call-key.js'
import { makePiece } from './snapshot-piece.js'
import type { SpaceCell } from './space-cell.js'

/** Pieces that other nodes are asked for at the same time. */
const READ_AT_ONCE = 4

/** Writes a snapshot piece by piece, its head last: nobody finds it before it is whole. @returns the head's action, base 32 */
export async function publishSnapshot(cell: SpaceCell, key: CallKey, { head, parts, events }: OutgoingSnapshot): Promise<string> {
  const place = { space: cell.space, agent: cell.agent }
  const actions: Uint8Array[] = []
  for (const bytes of parts) {
    const piece = await makePiece(key.author, place, { bytes })
    // One at a time with batches: of two calls that write at once, one fails.
    actions.push(await cell.writing(() => cell.calls.publishPart(piece)))
  }
  const piece = await makePiece(key.author, place, { parts: actions, bytes: head })
  return toBase32(await cell.writing(() => cell.calls.publishSnapshot(piece, events)))
}

/** The newest of each agent. Other nodes are asked too: whoever looks for a snapshot has hardly anything itself. */
export async function offeredSnapshots(cell: SpaceCell): Promise<readonly SnapshotOffer[]> {
  const offers = await cell.calls.snapshots(true)
  const own = toBase32(cell.agent)
  return offers.map(({ agent, action, events }) => ({
    reference: toBase32(action),
    events,
    // What another node published is held by it and, once it was read, by this one.
    level: toBase32(agent) === own ? 'sent' : 'shared',
  }))
}

/** Undefined when a piece of it is nowhere to be found, or it is no snapshot. */
export async function readSnapshot(cell: SpaceCell, { reference }: SnapshotOffer): Promise<SnapshotPieces | undefined> {
  const head = await cell.calls.readSnapshot(fromBase32(reference))
  // A link to what is a part, or garbage, is no offence against the network's rules.
  if (head === undefined || head.parts.length === 0) return undefined
  const parts: Uint8Array[] = []
  for (let start = 0; start < head.parts.length; start += READ_AT_ONCE) {
    const asked = head.parts.slice(start, start + READ_AT_ONCE)
    const read = await Promise.all(asked.map((action) => cell.calls.readSnapshot(action)))
    const found = read.flatMap((part) => part?.bytes ?? [])
    if (found.length < asked.length) return undefined
    parts.push(...found)
  }
  return { head: head.bytes, parts }
}
