import type { Network } from '../model/network.js'
import { prefixRange } from '../storage/store.js'
import type { KeyRange } from '../storage/store.js'

/** Where deliveries are kept. Positions are ten digits, so that they sort. */
export const deliveryKeys = {
  /** An event's record; that of a run of local events has the position of the last. */
  record: (position: number): string => `x/${pad(position)}`,
  recordsFrom: (position: number): KeyRange => ({ from: `x/${pad(position)}`, to: 'x0', limit: 1 }),
  /** What waits to be sent. */
  queued: (network: Network, position: number): string => `o/${network}/${pad(position)}`,
  queuedFrom: (network: Network, position: number): KeyRange => ({ from: `o/${network}/${pad(position)}`, to: `o/${network}0` }),
  /** What has ended, one way or the other. */
  ended: (network: Network, position: number): string => `f/${network}/${pad(position)}`,
  /** A decision that many events share. */
  decision: (number: number): string => `+/z/${pad(number)}`,
  decisions: prefixRange('+/z/'),
  deadline: (deadline: number, network: Network, position: number): string =>
    `t/${String(deadline).padStart(15, '0')}/${network}/${pad(position)}`,
  deadlines: prefixRange('t/'),
  /** Counted in the transactions of the intake. */
  countedByIntake: (network: Network): string => `+/n/${network}/intake`,
  /** Counted by the deliveries themselves. */
  countedHere: (network: Network): string => `+/n/${network}/here`,
} as const

export function pad(position: number): string {
  return String(position).padStart(10, '0')
}

export function positionIn(key: string): number {
  return Number(key.slice(-10))
}
