import { isSpiceTimeError } from '../errors/spice-time-error.js'
import type { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Adoption } from '../events/event-applier.js'
import { COVERED_ID_BYTES, isSortedIds, rootOf } from '../events/snapshot-source.js'
import type { Base, CarriedEvent, ChainTip } from '../events/snapshot-source.js'
import type { Cursor } from '../model/cursor.js'
import { hybridTime } from '../model/event.js'
import type { AuthorId, EventHeader, EventId } from '../model/event.js'
import { documentOf } from '../model/path.js'
import type { SnapshotOffer, SnapshotPieces } from '../networks/provider.js'
import { isEqual, openSnapshot } from './sealed-snapshot.js'
import type { OpenedSnapshot } from './sealed-snapshot.js'
import { MAX_HEADS_SUPERSEDED, refused } from './snapshot-format.js'
import type { SnapshotBody } from './snapshot-format.js'
import type { SnapshotPlace } from './snapshot-place.js'

/** A snapshot whose every claim that can be held to something was. */
interface CheckedSnapshot extends OpenedSnapshot {
  readonly tips: ReadonlyMap<AuthorId, ChainTip>
  readonly carried: readonly CarriedEvent[]
  readonly cursor: Cursor
  readonly bytes: number
}

/** A snapshot that covers less than so many times what is here already is no gain. */
const WORTH = 2
/** Milliseconds that an author's clock may be ahead of this device's. */
const MAX_AHEAD = 60_000

/**
 * Takes the newest snapshot of a space that stands every test; what does not is told of and left alone.
 * @returns `none` when nothing was offered that is worth it, `refused` when what was is no good: then the whole past is fetched
 * @throws SpiceTimeError as the network and the store fail
 */
export async function takeSnapshot(place: SnapshotPlace): Promise<'taken' | 'refused' | 'none'> {
  let outcome: 'refused' | 'none' = 'none'
  const { space, snapshots, source } = place
  const { newest } = await snapshots.offers(space.reference)
  let here = 0
  if (newest.length > 0) for (const { seq } of (await source.tips(space.id)).values()) here += seq + 1
  for (const offer of newest) {
    if (offer.events < here * WORTH) continue
    try {
      const pieces = await snapshots.read(space.reference, offer)
      if (pieces === undefined) {
        tell(place, refused('not all of its parts are there'))
        continue
      }
      await adopt(await check(pieces, place), offer, place)
      return 'taken'
    } catch (error) {
      if (!isRefusal(error)) throw error
      outcome = 'refused'
      tell(place, error)
    }
  }
  return outcome
}

function tell({ diagnostics, space, provider }: SnapshotPlace, { code, message }: SpiceTimeError): void {
  diagnostics.emit({ kind: 'snapshot-refused', space: space.id, network: provider.network, code, reason: message })
}

/** Of what is wrong with a snapshot, in contrast to what is wrong with the network or this device's store. */
function isRefusal(error: unknown): error is SpiceTimeError {
  return (
    isSpiceTimeError(error) &&
    ['SNAPSHOT_REFUSED', 'SIGNATURE_INVALID', 'AUTHOR_NOT_PERMITTED', 'INPUT_MALFORMED', 'NETWORK_REFUSED'].includes(error.code)
  )
}

/** @throws SpiceTimeError SNAPSHOT_REFUSED, SIGNATURE_INVALID, AUTHOR_NOT_PERMITTED, INPUT_MALFORMED */
async function check(pieces: SnapshotPieces, place: SnapshotPlace): Promise<CheckedSnapshot> {
  const { space, access, source, snapshots, provider, platform } = place
  const opened = await openSnapshot(pieces, access)
  const { manifest, body } = opened
  if (manifest.time > hybridTime(platform.now() + MAX_AHEAD)) throw refused('its clock is ahead of this device’s')
  if (!isSortedIds(body.ids) || !isEqual(await rootOf(body.ids), manifest.root)) throw refused('its root is not of the ids that it holds')
  const tips = tipsOf(await readAll(body.tips, place), place)
  const carried = await readAll(body.carried, place)
  let events = 0
  for (const { seq } of tips.values()) events += seq + 1
  if (events !== manifest.events || body.ids.length / COVERED_ID_BYTES + carried.length < tips.size)
    throw refused('the events that it counts are not those that it holds')
  checkAuthors(manifest.author, { tips, carried, founder: space.founder })
  const merged = new Set<string>(body.documents.map(({ path }) => path))
  if (merged.size !== body.documents.length || carried.some(({ content }) => merged.has(documentOf(content.path) ?? '')))
    throw refused('it holds a document twice')
  checkHeads(body, tips)
  if (body.documents.some(({ updatedAt }) => updatedAt > platform.now() + MAX_AHEAD)) throw refused('it holds a document of the future')
  if (carried.length === 0 || carried.some(({ header }) => header.seq > (tips.get(header.author)?.seq ?? -1)))
    throw refused('it carries an event beyond the chains that it covers')
  const cursor = await snapshots.cursorAfter(space.reference, (await source.cursor(provider.network)) as Cursor, manifest.mark)
  return { ...opened, tips, carried, cursor, bytes: pieces.parts.reduce((sum, part) => sum + part.length, pieces.head.length) }
}

async function readAll(events: readonly Uint8Array[], { source, space }: SnapshotPlace): Promise<readonly CarriedEvent[]> {
  const read = await Promise.all(events.map((bytes) => source.readCarried(bytes)))
  return read.map((event) => {
    if (event === undefined || event.header.space !== space.reference)
      throw refused('it carries something that is no signed event of the space')
    return event
  })
}

function tipsOf(events: readonly CarriedEvent[], { space }: SnapshotPlace): ReadonlyMap<AuthorId, ChainTip> {
  const tips = new Map(events.map(({ id, header }) => [header.author, tipOf(id, header)]))
  if (tips.size !== events.length || tips.size === 0) throw refused(`it gives the chains of '${space.id}' twice, or none`)
  return tips
}

function tipOf(id: EventId, { seq, supersedes }: EventHeader): ChainTip {
  const last = supersedes?.at(-1)
  return last === undefined ? { seq, id } : { seq, id, last }
}

/** What is said of heads is said of the documents' own, once each, and of so many events that they can be noted one by one. */
function checkHeads({ documents, heads }: SnapshotBody, tips: ReadonlyMap<AuthorId, ChainTip>): void {
  const open = new Set(documents.flatMap((document) => document.heads))
  const isWrong = heads.some(({ id, author }) => !open.delete(id) || !tips.has(author))
  if (isWrong || heads.reduce((sum, { supersedes }) => sum + supersedes.length, 0) > MAX_HEADS_SUPERSEDED)
    throw refused('it says of events that they were superseded which are none of its heads, or too many')
}

/** Whoever has a chain here was let in: the founder, and those whose first event, which is carried whole, proves an invitation. */
function checkAuthors(
  author: AuthorId,
  {
    tips,
    carried,
    founder,
  }: { readonly tips: ReadonlyMap<AuthorId, ChainTip>; readonly carried: readonly CarriedEvent[]; readonly founder: AuthorId },
): void {
  const entered = new Set(carried.flatMap(({ header }) => (header.seq === 0 ? [header.author] : [])))
  const stranger = [author, ...tips.keys()].find((one) => !tips.has(one) || (one !== founder && !entered.has(one)))
  if (stranger !== undefined) throw refused(`${stranger} is no member of the space as far as it shows`)
}

/**
 * Everything that the snapshot gives is one transaction, so that nothing of it is seen without the rest. How far the pull got comes after: should this
 * device end in between, the past is pulled, and found to be known.
 */
async function adopt(checked: CheckedSnapshot, offer: SnapshotOffer, place: SnapshotPlace): Promise<void> {
  const { processor, provider, space, diagnostics } = place
  const { network } = provider
  const { manifest, body, bytes, cursor } = checked
  const adoption = await adoptionOf(checked, offer, place)
  await processor.receive(network, { events: body.carried, receipts: [], retracted: [], adoption })
  const waiting = (await processor.waitingIn(space.reference)).map((event) => event.bytes)
  await processor.receive(network, { events: [...waiting, ...body.waiting], receipts: [], retracted: [], cursor })
  diagnostics.emit({ kind: 'snapshot-taken', space: space.id, network, author: manifest.author, events: manifest.events, bytes })
}

async function adoptionOf(
  { manifest, body, tips, carried }: CheckedSnapshot,
  offer: SnapshotOffer,
  place: SnapshotPlace,
): Promise<Adoption> {
  const { space, provider, platform, needs, state, source } = place
  const merging = await state.snapshots()
  const ids = carried.map(({ id }) => id)
  const logged = await source.isLogged(ids)
  const asked = [{ event: { space: space.reference, needs: manifest.needs } }]
  let tell = (): void => undefined
  return {
    time: manifest.time,
    async prepare({ covered, position, changes }) {
      const base: Base = {
        ...{ author: manifest.author, events: manifest.events, tips },
        ...{ network: provider.network, reference: offer.reference, level: offer.level },
        ...{ at: platform.now(), position: Math.max(1, position) },
      }
      const next = covered.adopt(space.reference, base, { ids: body.ids, carried: new Set<EventId>(ids), heads: body.heads })
      changes.push(...next.changes)
      tell = await merging.adopt(body.documents, { id: space.id, reference: space.reference, base, covered: next.covered }, changes)
      needs.apply(asked, changes)
      return next.covered
    },
    check(isApplied) {
      if (!ids.every((id, index) => logged[index] === true || isApplied(id)))
        throw refused('an event that it carries is not permitted, or does not fit')
    },
    committed() {
      needs.committed(asked)
      tell()
    },
  }
}
