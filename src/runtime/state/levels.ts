import { LEVELS } from '../model/network.js'
import type { Level } from '../model/network.js'

/** How many of a document's events have each level, lowest level first. */
export type LevelCounts = readonly [number, number, number, number, number]
export const NO_LEVELS: LevelCounts = [0, 0, 0, 0, 0]

export function countLevel(counts: LevelCounts, level: Level, by: 1 | -1): LevelCounts {
  const [local, sent, shared, confirmed, final] = counts
  switch (level) {
    case 'local':
      return [Math.max(0, local + by), sent, shared, confirmed, final]
    case 'sent':
      return [local, Math.max(0, sent + by), shared, confirmed, final]
    case 'shared':
      return [local, sent, Math.max(0, shared + by), confirmed, final]
    case 'confirmed':
      return [local, sent, shared, Math.max(0, confirmed + by), final]
    case 'final':
      return [local, sent, shared, confirmed, Math.max(0, final + by)]
  }
}

/** The lowest level that any of the counted events has; `local` when there are none. */
export function lowestLevel(counts: LevelCounts): Level {
  const index = counts.findIndex((count) => count > 0)
  return LEVELS[index] ?? 'local'
}
