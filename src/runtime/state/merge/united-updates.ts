import { createDecoder, readVarUint } from 'lib0/decoding'
import * as Y from 'yjs'
import { checkUpdateBounds } from './update-bounds.js'

/** Updates that Yjs merges in one go: it looks at all of them for every struct that it writes. */
const FAN = 32
/** Bytes of a united update: with its list of superseded events it fits into one event. */
const MAX_UNITED_BYTES = 32 * 1024

export interface UnitedUpdate {
  readonly update: Uint8Array
  /** How many updates, from the first on, it holds. */
  readonly count: number
}

/** As many of one document's updates (V2), from the first on, as are of one Yjs client and small enough together. */
export function unite(updates: readonly Uint8Array[]): UnitedUpdate {
  let count = sameClient(updates)
  for (;;) {
    const update = merge(updates.slice(0, count))
    if (update.length <= MAX_UNITED_BYTES || count < 2) return { update, count }
    count = Math.floor(count / 2)
  }
}

/**
 * Whether an update holds, unchanged, every struct and deletion of the others. Pure: two devices that compare the same updates agree. Updates that
 * can't be read are covered by nothing.
 */
export function covers(update: Uint8Array, others: readonly Uint8Array[]): boolean {
  try {
    const whole = read(update)
    return others.every((other) => holds(whole, read(other)))
  } catch {
    return false
  }
}

function sameClient(updates: readonly Uint8Array[]): number {
  let client: number | undefined
  for (const [index, update] of updates.entries()) {
    const own = clientOf(update)
    if (own !== undefined && client !== undefined && own !== client) return index
    client ??= own
  }
  return updates.length
}

/** The client whose structs an update brings; undefined when it only deletes. */
function clientOf(update: Uint8Array): number | undefined {
  const decoder = new Y.UpdateDecoderV2(createDecoder(update))
  if (readVarUint(decoder.restDecoder) === 0) return undefined
  readVarUint(decoder.restDecoder)
  return decoder.readClient()
}

function merge(updates: readonly Uint8Array[]): Uint8Array {
  let level = [...updates]
  while (level.length > 1) {
    const next: Uint8Array[] = []
    for (let from = 0; from < level.length; from += FAN) next.push(Y.mergeUpdatesV2(level.slice(from, from + FAN)))
    level = next
  }
  return level[0] ?? new Uint8Array()
}

type Read = ReturnType<typeof Y.decodeUpdateV2>

function read(update: Uint8Array): Read {
  checkUpdateBounds(update)
  return Y.decodeUpdateV2(update)
}

function holds(whole: Read, part: Read): boolean {
  const structs = new Map(whole.structs.map((struct) => [`${struct.id.client}/${struct.id.clock}`, struct]))
  const same = part.structs.every((struct) => {
    if (struct instanceof Y.GC) return whole.structs.some((held) => held instanceof Y.GC && spans(held, struct))
    const held = structs.get(`${struct.id.client}/${struct.id.clock}`)
    return held !== undefined && equalBytes(bytesOf(held), bytesOf(struct))
  })
  return same && [...part.ds.clients].every(([client, ranges]) => ranges.every((range) => deletes(whole, client, range)))
}

/** What was deleted before it was sent has lost its content, and the remains of neighbours melt together. */
function spans(held: Y.GC, struct: Y.GC): boolean {
  return (
    held.id.client === struct.id.client &&
    held.id.clock <= struct.id.clock &&
    struct.id.clock + struct.length <= held.id.clock + held.length
  )
}

function deletes(whole: Read, client: number, range: { readonly clock: number; readonly len: number }): boolean {
  const ranges = whole.ds.clients.get(client) ?? []
  return ranges.some(({ clock, len }) => clock <= range.clock && range.clock + range.len <= clock + len)
}

function bytesOf(struct: Read['structs'][number]): Uint8Array {
  const encoder = new Y.UpdateEncoderV2()
  struct.write(encoder, 0)
  return encoder.toUint8Array()
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
