import { decodeFields, encode } from '../../codec/dag-cbor.js'
import type { SpaceReference } from '../../model/event.js'
import type { NetworkRows } from '../provider-parts.js'

/** Content that this device keeps until it is released. */
export interface KeptContent {
  readonly cid: string
  readonly space: SpaceReference | undefined
  /** Milliseconds since 1970 when it was added. */
  readonly at: number
}

const KEPT = 'kept/'

/** The rows of what this device keeps: its own pins. */
export class KeptContents {
  readonly #rows: NetworkRows

  constructor(rows: NetworkRows) {
    this.#rows = rows
  }

  async keep({ cid, space, at }: KeptContent): Promise<void> {
    await this.#rows.write([[KEPT + cid, encode(space === undefined ? { at } : { space, at })]])
  }

  async release(cid: string): Promise<void> {
    await this.#rows.write([[KEPT + cid, undefined]])
  }

  async get(cid: string): Promise<KeptContent | undefined> {
    const row = await this.#rows.get(KEPT + cid)
    return row === undefined ? undefined : keptOf(cid, row)
  }

  async list(): Promise<readonly KeptContent[]> {
    return (await this.#rows.list(KEPT)).map(([key, row]) => keptOf(key.slice(KEPT.length), row))
  }
}

function keptOf(cid: string, row: Uint8Array): KeptContent {
  const { space, at } = decodeFields(row)
  return { cid, space: isReference(space) ? space : undefined, at: typeof at === 'number' ? at : 0 }
}

function isReference(value: unknown): value is SpaceReference {
  return typeof value === 'string' && value !== ''
}
