import { encodeContent } from '../../codec/content-codec.js'
import { attachSignature, encodeUnsigned } from '../../codec/event-codec.js'
import { computeEventId } from '../../codec/event-id.js'
import { createSpaceCipher } from '../../crypto/space-keys.js'
import { authorOf } from '../../crypto/signing.js'
import type { Event, EventContent, EventHeader, EventId } from '../../model/event.js'
import type { SpaceId } from '../../model/path.js'
import { decodeSpaceRecord } from '../../spaces/space-record.js'
import { MemoryDisk } from '../../storage/memory/memory-disk.js'
import type { Replica } from '../../testing/replicas.js'

export interface Written {
  readonly id: EventId
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Signs and seals what a member with a modified client could. */
export async function write(replica: Replica, space: SpaceId, what: { header: EventHeader; content: EventContent }): Promise<Written> {
  const pair = replica.disk.keys.get('author')
  const [key] = decodeSpaceRecord(replica.disk.records.get(`+/s/${space}`) ?? new Uint8Array()).keys
  if (pair === undefined || !('privateKey' in pair) || key === undefined) throw new Error('the device has no keys')
  const cipher = await createSpaceCipher(key, what.header.space, (length) => replica.platform.randomBytes(length))
  const payload = { kind: 'sealed' as const, epoch: 0, sealed: await cipher.seal(encodeContent(what.content)) }
  const unsigned = encodeUnsigned(what.header, payload)
  const bytes = attachSignature(what.header, payload, { unsigned, signature: await (await authorOf(pair)).sign(unsigned) })
  return { id: await computeEventId(bytes), bytes }
}

export function headerOf(event: Event): EventHeader {
  const { v, space, author, seq, previous, parents, time, needs, supersedes } = event
  return {
    ...{ v, space, author, seq, parents, time, needs },
    ...(previous === undefined ? {} : { previous }),
    ...(supersedes === undefined ? {} : { supersedes }),
  }
}

/** The same device once more, on a disk of its own. */
export function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk()
  for (const [key, value] of disk.records.entries()) copy.records.set(key, value)
  for (const [name, key] of disk.keys) copy.keys.set(name, key)
  return copy
}
