import { decodeEvent } from '../codec/event-codec.js'
import { computeEventId, shortIdOf } from '../codec/event-id.js'
import type { Event, EventHeader, EventId, ShortId } from '../model/event.js'
import { documentOf, spaceOf } from '../model/path.js'
import type { DocumentPath } from '../model/path.js'
import type { StoreChange } from '../storage/store.js'
import type { EventLog } from './log.js'
import { logKeys } from './log-keys.js'
import { decodeOriginal } from './original-row.js'
import type { LogRow } from './log-row.js'

/** An event of a branch that is to leave the log. */
export interface Fallen {
  readonly id: EventId
  readonly position: number
  readonly header: EventHeader
  readonly row: LogRow
  /** What it built on that leaves too. */
  readonly missing: readonly EventId[]
}

/** What a fallen event had superseded, as far as that is here. */
export interface FallenOriginal {
  readonly id: EventId
  readonly by: EventId
  readonly place: number
  readonly row: LogRow
}

export interface Branch {
  readonly fallen: readonly Fallen[]
  readonly originals: readonly FallenOriginal[]
}

/** An event and all that was built on it or on what it supersedes. Scans the log from there on, or all of it where events were superseded. */
export async function findBranch(root: Event, log: EventLog): Promise<Branch> {
  const fallen = new Map<EventId, Fallen>()
  const originals = new Map<EventId, FallenOriginal>()
  const shorts = new Set<ShortId>()
  const fell = ({ header }: Pick<Fallen, 'header'>, name: EventId): boolean =>
    fallen.has(name) || originals.has(name) || (shorts.size > 0 && header.author === root.author && shorts.has(shortIdOf(name)))
  let from = await log.positionOf(root.id)
  while (from !== undefined) {
    const before = fallen.size
    for await (const { position, row } of log.forwards(from)) {
      const { header } = decodeEvent(row.bytes)
      const id = await computeEventId(row.bytes)
      const missing = (header.previous === undefined ? header.parents : [header.previous, ...header.parents]).filter((name) =>
        fell({ header }, name),
      )
      if (fallen.has(id) || (id !== root.id && missing.length === 0)) continue
      fallen.set(id, { id, position, header, row, missing })
      for (const short of header.supersedes ?? []) shorts.add(short)
      const superseded = header.supersedes === undefined ? [] : await originalsOf(id, header, log)
      superseded.forEach((one) => originals.set(one.id, one))
    }
    // What built on a superseded event may stand before the one that superseded it.
    from = shorts.size > 0 && fallen.size > before ? 0 : undefined
  }
  return { fallen: [...fallen.values()].toSorted((a, b) => a.position - b.position), originals: [...originals.values()] }
}

async function originalsOf(by: EventId, header: EventHeader, log: EventLog): Promise<readonly FallenOriginal[]> {
  const originals: FallenOriginal[] = []
  for (const { row } of (await log.originalRows(by)).map(decodeOriginal)) {
    const id = await computeEventId(row.bytes)
    originals.push({ id, by, row, place: header.supersedes?.indexOf(shortIdOf(id)) ?? 0 })
  }
  return originals
}

/** What the store forgets of a branch. */
export function leaving(fallen: readonly Fallen[], originals: readonly FallenOriginal[]): readonly StoreChange[] {
  const changes: StoreChange[] = fallen.flatMap(({ id, position, header, row }) => [
    [logKeys.event(position), undefined],
    [logKeys.receipts(position), undefined],
    [logKeys.position(id), undefined],
    [logKeys.chain(spaceOf(row.path), header.author, header.seq), undefined],
    ...(header.supersedes ?? []).map((short): StoreChange => [logKeys.standIn(short, header.author), undefined]),
  ])
  for (const { id, by, place } of originals) changes.push([logKeys.position(id), undefined], [logKeys.original(by, place), undefined])
  return changes
}

export function documentsOf(fallen: readonly Fallen[]): readonly DocumentPath[] {
  return [...new Set(fallen.flatMap(({ row }) => documentOf(row.path) ?? []))]
}
