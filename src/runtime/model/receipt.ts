import type { EventId } from './event.js'
import { LEVELS, levelRank } from './network.js'
import type { Level, Network, Requirement } from './network.js'

/** Where a chain put an event: slot, index in the slot, position in the batch; compared left to right. */
export type ChainOrder = readonly [slot: number, index: number, position: number]

/** What a network answers for one event. */
export interface Receipt {
  readonly event: EventId
  readonly network: Network
  readonly level: Level
  /** The network's own name for it: signature, action hash, CID, log position. */
  readonly reference: string
  /** In lamports; 0 where the network is free. */
  readonly cost: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** From submission to this answer, in milliseconds. */
  readonly latency: number
  /** Only from a network that orders events. */
  readonly order?: ChainOrder
}

/** Negative when `a` comes first. */
export function compareOrder(a: ChainOrder, b: ChainOrder): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}

/** How far an event got: the lowest level among the networks it needs; `local` until each of them has answered. */
export function levelOf(needs: readonly Requirement[], receipts: readonly Receipt[]): Level {
  const remote = receipts.filter((receipt) => receipt.network !== 'local')
  const needed = needs.filter((need) => need !== 'local').length
  if (needed === 0 || remote.length < needed) return 'local'
  return LEVELS[Math.min(...remote.map((receipt) => levelRank(receipt.level)))] ?? 'local'
}
