import { decodeEvent } from '../codec/event-codec.js'
import type { EventId } from '../model/event.js'
import { LEVELS, levelRank } from '../model/network.js'
import type { Network } from '../model/network.js'
import { isWithin } from '../model/path.js'
import type { StatePath } from '../model/path.js'
import type { State } from '../model/state.js'
import type { Update } from './provider.js'

/**
 * What a network alone tells of a document: the events that name it in the open. Private ones tell nobody where they belong.
 * @param updates with a receipt for each event, in the same order
 */
export async function stateToldBy(network: Network, path: StatePath, updates: AsyncIterable<Update>): Promise<State> {
  const heads = new Set<EventId>()
  let level = levelRank('final')
  let reference = ''
  let at = 0
  for await (const { events, receipts } of updates) {
    for (const [index, receipt] of receipts.entries()) {
      const bytes = events[index]
      if (bytes === undefined || !isAt(bytes, path)) continue
      heads.add(receipt.event)
      level = Math.min(level, levelRank(receipt.level))
      reference = receipt.reference
      at = receipt.at
    }
  }
  const known = heads.size > 0
  const lowest = (known ? LEVELS[level] : undefined) ?? 'local'
  const networks = known ? { [network]: { level: lowest, reference, at } } : {}
  return { path, value: undefined, heads: [...heads], level: lowest, pending: [], networks, updatedAt: at }
}

function isAt(bytes: Uint8Array, path: StatePath): boolean {
  const { payload } = decodeEvent(new Uint8Array(bytes))
  return payload.kind === 'open' && isWithin(payload.content.path, path)
}
