import type { ReplacedEvent } from '../events/event-applier.js'
import type { Requirement } from '../model/network.js'
import { levelOf } from '../model/receipt.js'
import type { Header } from './header-steps.js'
import { countLevel } from './levels.js'

/** The header once events have left the log for one that supersedes them: it counts in their stead. */
export function withoutReplaced(header: Header, needs: readonly Requirement[], replaced: readonly ReplacedEvent[]): Header {
  const ids = new Set(replaced.map(({ id }) => id))
  const shaping = replaced.filter(({ position }) => position >= header.shapedSince)
  return {
    ...header,
    levels: shaping.reduce((counts, { receipts }) => countLevel(counts, levelOf(needs, receipts), -1), header.levels),
    pending: header.pending.filter((id) => !ids.has(id)),
  }
}
