import type { AuthorId, EventId, ShortId } from '../model/event.js'
import { positionKey } from '../model/position.js'
import { prefixRange } from '../storage/store.js'
import type { KeyRange } from '../storage/store.js'

/** Where the log keeps what. Positions are ten digits, so that they sort; other rooms have their own prefixes (docs/architecture.md). */
export const logKeys = {
  event: (position: number): string => `e/${positionKey(position)}`,
  events: (from: number, to: number): KeyRange => ({ from: `e/${positionKey(from)}`, to: `e/${positionKey(to)}` }),
  position: (id: EventId): string => `i/${id}`,
  chain: (space: string, author: AuthorId, seq: number): string => `a/${space}/${author}/${positionKey(seq)}`,
  /** From a place of the author's chain on: what supersedes others stands at the last of its places. */
  chainFrom: (space: string, author: AuthorId, seq: number): KeyRange => ({
    from: `a/${space}/${author}/${positionKey(seq)}`,
    to: `a/${space}/${author}/:`,
  }),
  /** Who took the place of an event that this device does not hold, on the word of the author of both. */
  standIn: (short: ShortId, author: AuthorId): string => `j/${short}/${author.slice(0, 12)}`,
  standInsOf: (short: ShortId): KeyRange => prefixRange(`j/${short}/`),
  /** The signed bytes of an event that another took the place of. */
  original: (by: EventId, place: number): string => `v/${by}/${positionKey(place)}`,
  originalsOf: (by: EventId): KeyRange => prefixRange(`v/${by}/`),
  chainOf: (space: string, author: AuthorId): KeyRange => ({ from: `a/${space}/${author}/`, to: `a/${space}/${author}/:` }),
  receiptsPrefix: 'r/',
  receipts: (position: number): string => `r/${positionKey(position)}`,
  waiting: (id: EventId): string => `w/${id}`,
  refused: (id: EventId): string => `q/${id}`,
  refusedPrefix: 'q/',
  submitted: (key: string): string => `k/${key}`,
  /** What a snapshot gave of a space, and the ids that it covers, by their first byte. */
  base: (space: string): string => `+/v/${space}`,
  covered: (space: string, bucket: number): string => `c/${space}/${bucket.toString(16).padStart(2, '0')}`,
  cursor: (network: string): string => `+/c/${network}`,
  head: '+/m/log',
} as const
