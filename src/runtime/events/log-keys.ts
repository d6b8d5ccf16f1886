import type { AuthorId, EventId } from '../model/event.js'
import type { KeyRange } from '../storage/store.js'

/** Where the log keeps what. Positions are ten digits, so that they sort; other rooms have their own prefixes (docs/architecture.md). */
export const logKeys = {
  event: (position: number): string => `e/${pad(position)}`,
  events: (from: number, to: number): KeyRange => ({ from: `e/${pad(from)}`, to: `e/${pad(to)}` }),
  position: (id: EventId): string => `i/${id}`,
  chain: (space: string, author: AuthorId, seq: number): string => `a/${space}/${author}/${pad(seq)}`,
  chainOf: (space: string, author: AuthorId): KeyRange => ({ from: `a/${space}/${author}/`, to: `a/${space}/${author}/:` }),
  receipts: (position: number): string => `r/${pad(position)}`,
  waiting: (id: EventId): string => `w/${id}`,
  refused: (id: EventId): string => `q/${id}`,
  submitted: (key: string): string => `k/${key}`,
  cursor: (network: string): string => `c/${network}`,
  head: 'm/log',
} as const

export const MAX_POSITION = 9_999_999_999

export function pad(position: number): string {
  return String(position).padStart(10, '0')
}
