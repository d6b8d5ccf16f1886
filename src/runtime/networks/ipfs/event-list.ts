import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { parseEventId } from '../../codec/event-id.js'
import type { EventId, SpaceReference } from '../../model/event.js'
import { MAX_BLOCK_BYTES } from '../content.js'
import { DAG_CBOR } from './content-id.js'
import { contentDamaged } from './ipfs-errors.js'

/** Events of a space that were stored together, with the content that they refer to: one pin of the list keeps them all. */
export interface EventList {
  readonly space: SpaceReference
  readonly events: readonly EventId[]
  readonly content: readonly string[]
}

const VERSION = 1
export const MAX_LISTED_EVENTS = 1024
const MAX_LISTED_CONTENT = 4096

/** The list as a dag-cbor block with links. */
export function encodeEventList({ space, events, content }: EventList): Uint8Array<ArrayBuffer> {
  const links = (cids: readonly string[]): CID[] => cids.map((cid) => CID.parse(cid))
  return new Uint8Array(dagCbor.encode({ v: VERSION, space, events: links(events), content: links(content) }))
}

/** @throws SpiceTimeError CONTENT_DAMAGED when it is no list of that space's events */
export function decodeEventList(cid: string, bytes: Uint8Array, space: SpaceReference): EventList {
  if (bytes.length > MAX_BLOCK_BYTES) throw contentDamaged(cid, 'it is too large for a list of events')
  const { v, space: named, events, content } = fieldsOf(cid, bytes)
  if (v !== VERSION || named !== space) throw contentDamaged(cid, 'it is no list of events of this space')
  return {
    space,
    events: linksIn(cid, events, MAX_LISTED_EVENTS).map((id) => parseEventId(id)),
    content: linksIn(cid, content, MAX_LISTED_CONTENT),
  }
}

function fieldsOf(cid: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = dagCbor.decode(bytes)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    throw contentDamaged(cid, 'it is no dag-cbor')
  }
}

function linksIn(cid: string, value: unknown, most: number): readonly string[] {
  if (!Array.isArray(value) || value.length > most) throw contentDamaged(cid, 'it is no list of events')
  return value.map((each: unknown) => {
    const link = CID.asCID(each)
    if (link === null || (most === MAX_LISTED_EVENTS && link.code !== DAG_CBOR)) throw contentDamaged(cid, 'it lists what is no event')
    return link.toString()
  })
}
