import { decodeFields, encode } from '../../codec/dag-cbor.js'
import { parseEventId } from '../../codec/event-id.js'
import type { EventId, SpaceReference } from '../../model/event.js'
import { isLevel } from '../../model/network.js'
import type { Level } from '../../model/network.js'
import { isValueList } from '../../model/value.js'
import type { NetworkRows } from '../provider-parts.js'

/** Content that this device keeps until it is discarded. */
export interface KeptContent {
  readonly cid: string
  readonly space: SpaceReference | undefined
  /** Milliseconds since 1970 when it was added. */
  readonly at: number
  readonly level: Level
  /** Of a list: the events that it links. */
  readonly events: readonly EventId[]
}

export type RowChange = readonly [key: string, value: Uint8Array | undefined]

const KEPT = 'kept/'

/** The rows of what this device keeps: its own pins. */
export class KeptContents {
  readonly #rows: NetworkRows

  constructor(rows: NetworkRows) {
    this.#rows = rows
  }

  /** Content that is kept already stays as it is. */
  async keep(content: Pick<KeptContent, 'cid' | 'space' | 'at'>, more: readonly RowChange[] = []): Promise<void> {
    const known = await this.get(content.cid)
    await this.#rows.write([keptRow(known ?? { ...content, level: 'sent', events: [] }), ...more])
  }

  async write(content: KeptContent, more: readonly RowChange[] = []): Promise<void> {
    await this.#rows.write([keptRow(content), ...more])
  }

  async forget(cids: readonly string[]): Promise<void> {
    await this.#rows.write(cids.map((cid) => [KEPT + cid, undefined]))
  }

  async get(cid: string): Promise<KeptContent | undefined> {
    const row = await this.#rows.get(KEPT + cid)
    return row === undefined ? undefined : keptOf(cid, row)
  }

  async list(): Promise<readonly KeptContent[]> {
    return (await this.#rows.list(KEPT)).map(([key, row]) => keptOf(key.slice(KEPT.length), row))
  }
}

export function keptRow({ cid, space, at, level, events }: KeptContent): RowChange {
  return [
    KEPT + cid,
    encode({
      at,
      level,
      ...(space === undefined ? {} : { space }),
      ...(events.length === 0 ? {} : { events }),
    }),
  ]
}

function keptOf(cid: string, row: Uint8Array): KeptContent {
  const { space, at, level, events } = decodeFields(row)
  return {
    cid,
    space: isReference(space) ? space : undefined,
    at: typeof at === 'number' ? at : 0,
    level: isLevel(level) ? level : 'sent',
    events: isValueList(events) ? events.map((id) => parseEventId(id)) : [],
  }
}

function isReference(value: unknown): value is SpaceReference {
  return typeof value === 'string' && value !== ''
}
