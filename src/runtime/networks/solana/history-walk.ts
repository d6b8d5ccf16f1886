import { HISTORY_PAGE, historyOf } from './history-requests.js'
import type { HistoryRow } from './history-requests.js'
import type { Ground } from './reading-cursor.js'
import type { SolanaRpc } from './solana-rpc.js'

export interface Walk {
  readonly rpc: Pick<SolanaRpc, 'call'>
  readonly address: string
  readonly ground: Ground
  readonly signal?: AbortSignal
}

/** All of an address's transactions in one slot, in no order. */
export interface SlotRows {
  readonly slot: number
  readonly rows: readonly HistoryRow[]
}

interface Page {
  readonly before: string | undefined
  /** Absent where it was let go, to be asked for again. */
  rows: readonly HistoryRow[] | undefined
}

/** Pages that are held while the walk goes back; older ones of a longer history come first, so the newer ones are let go. */
const HELD_PAGES = 32

/**
 * What happened at an address above the ground, slot by slot, the oldest first. Nodes list it only from the newest backwards, so all is listed
 * before the first slot is given.
 */
export async function* slotsAbove(walk: Walk): AsyncIterableIterator<SlotRows> {
  const pages = await listPages(walk)
  let open: { slot: number; rows: HistoryRow[] } | undefined
  for (const page of pages.toReversed()) {
    const rows = page.rows ?? (await ask(walk, page.before))
    page.rows = undefined
    for (const row of rows.toReversed()) {
      if (row.slot <= walk.ground.slot) continue
      // A slot may go on in the next page.
      if (open !== undefined && open.slot !== row.slot) yield open
      if (open?.slot !== row.slot) open = { slot: row.slot, rows: [] }
      open.rows.push(row)
    }
  }
  if (open !== undefined) yield open
}

/** From the newest page to the one that reaches the ground. */
async function listPages(walk: Walk): Promise<readonly Page[]> {
  const pages: Page[] = []
  let before: string | undefined
  for (;;) {
    const rows = await ask(walk, before)
    pages.push({ before, rows })
    // The newest page is held: asked for again, it would have moved on.
    const released = pages.length > HELD_PAGES ? pages[pages.length - HELD_PAGES] : undefined
    if (released?.before !== undefined) released.rows = undefined
    const last = rows.at(-1)
    if (last === undefined || rows.length < HISTORY_PAGE || last.slot <= walk.ground.slot) return pages
    before = last.signature
  }
}

function ask({ rpc, address, ground, signal }: Walk, before: string | undefined): Promise<readonly HistoryRow[]> {
  const until = ground.signature === '' ? undefined : ground.signature
  const minSlot = Math.max(ground.slot, ...ground.told.map(({ order }) => order[0]))
  return rpc.call(historyOf(address, { before, until, minSlot }), signal === undefined ? {} : { signal })
}
