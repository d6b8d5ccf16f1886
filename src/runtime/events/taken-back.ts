import type { EventId } from '../model/event.js'
import type { Network } from '../model/network.js'
import { parseEventPath } from '../model/path.js'
import type { StatePath } from '../model/path.js'
import { prefixRange } from '../storage/store.js'
import type { Store, StoreChange } from '../storage/store.js'
import { encodeBase } from './covered-events.js'
import type { Base, CoveredEvents } from './covered-events.js'
import type { EventIntake, ReceiptApplier, ReceiptChange } from './event-applier.js'
import type { EventLog } from './log.js'
import { logKeys } from './log-keys.js'
import { decodeReceipts } from './receipt-book.js'
import type { SpaceDirectory } from './space-directory.js'
import type { WaitingRoom } from './waiting-room.js'

/** Events of one transaction that takes levels back. */
const PAGE = 250

/** All levels that a network gave are gone, in pieces. */
export async function takeBack(
  network: Network,
  parts: BaseParts & { readonly log: EventLog; readonly waiting: WaitingRoom; readonly intake: EventIntake },
): Promise<void> {
  for await (const retracted of answeredBy(network, parts)) await parts.intake.receive(network, { events: [], receipts: [], retracted })
  await takeBackBases(network, parts)
}

/** All events that a network has answered for, those that wait included, in pages. */
async function* answeredBy(
  network: Network,
  { store, log, waiting }: { readonly store: Store; readonly log: EventLog; readonly waiting: WaitingRoom },
): AsyncIterableIterator<readonly EventId[]> {
  await waiting.load()
  let page = waiting.list().flatMap(({ id, receipts = [] }) => (receipts.some((receipt) => receipt.network === network) ? [id] : []))
  for (const position of await positionsOf(network, store)) {
    const logged = await log.headerAt(position)
    if (logged !== undefined) page.push(logged.id)
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

interface BaseParts {
  readonly store: Store
  readonly spaces: SpaceDirectory
  readonly intake: {
    between(step: (changes: StoreChange[]) => Promise<void>): Promise<void>
    covered(): Promise<CoveredEvents>
  }
  readonly appliers: readonly ReceiptApplier[]
}

/** The level that a network gave a snapshot is gone with it: of every document that began with one, page by page. */
async function takeBackBases(network: Network, { store, spaces, intake, appliers }: BaseParts): Promise<void> {
  for (const [space, base] of (await intake.covered()).bases()) {
    const id = spaces.byWire(space)?.id
    if (base.network !== network || base.level === 'local' || id === undefined) continue
    const paths: string[] = []
    for await (const page of store.range(prefixRange(`b/${id}/`))) paths.push(...page.map(([key]) => key.slice(2)))
    for (let start = 0; start < paths.length || start === 0; start += PAGE) {
      const receipts = paths.slice(start, start + PAGE).map((path) => withoutLevel(parseEventPath(path), base))
      await intake.between(async (changes) => {
        for (const applier of appliers) await applier.applyReceipts(receipts, changes)
        // With the first page: what is cut short leaves a document at a level that its network gave once, and none is taken back twice.
        if (start === 0) changes.push([logKeys.base(space), encodeBase({ ...base, level: 'local' })])
      })
      for (const applier of appliers) applier.committedReceipts()
    }
  }
}

function withoutLevel(path: StatePath, { network, level, reference, at, position }: Base): ReceiptChange {
  const receipt = { event: NOBODY, network, level, reference, cost: 0, at, latency: 0 }
  return { event: NOBODY, position, path, needs: ['team'], before: [receipt], after: [], foreign: true }
}

/** Found before anything is taken back: what the network says meanwhile is not of its past. */
async function positionsOf(network: Network, store: Store): Promise<readonly number[]> {
  const positions: number[] = []
  for await (const page of store.range(prefixRange(logKeys.receiptsPrefix))) {
    for (const [key, row] of page) {
      const answered = decodeReceipts(NOBODY, row).some((receipt) => receipt.network === network)
      if (answered) positions.push(Number(key.slice(logKeys.receiptsPrefix.length)))
    }
  }
  return positions
}

/** Rows name no event: their position does. */
const NOBODY = '' as EventId
