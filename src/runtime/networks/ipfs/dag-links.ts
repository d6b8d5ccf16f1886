import * as dagCbor from '@ipld/dag-cbor'
import * as dagPb from '@ipld/dag-pb'
import { CID } from 'multiformats/cid'
import { DAG_CBOR, DAG_PB, RAW } from './content-id.js'

/** Deeper than any DAG that is made here. */
const MAX_DEPTH = 64

/** What a block links to; nothing where it makes no sense. */
export function linksOf(cid: CID, bytes: Uint8Array): readonly CID[] {
  try {
    if (cid.code === DAG_PB) return dagPb.decode(bytes).Links.map(({ Hash }) => Hash)
    if (cid.code === DAG_CBOR) return cidsIn(dagCbor.decode(bytes), 0)
  } catch {
    // Bytes that are no block of that codec link to nothing.
  }
  return []
}

/** Every block of a DAG as far as it can be loaded, once, from the top; leaves without their bytes. */
export async function* walkDag(
  root: CID,
  load: (cid: CID) => Promise<Uint8Array<ArrayBuffer> | undefined>,
): AsyncGenerator<{ readonly cid: CID; readonly bytes: Uint8Array<ArrayBuffer> | undefined }> {
  const seen = new Set<string>([root.toString()])
  const open: CID[] = [root]
  for (let cid = open.pop(); cid !== undefined; cid = open.pop()) {
    const bytes = cid.code === RAW ? undefined : await load(cid)
    yield { cid, bytes }
    const links = bytes === undefined ? [] : linksOf(cid, bytes)
    for (const link of links.toReversed()) {
      const name = link.toString()
      if (seen.has(name)) continue
      seen.add(name)
      open.push(link)
    }
  }
}

function cidsIn(value: unknown, depth: number): readonly CID[] {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  const cid = CID.asCID(value)
  if (cid !== null) return [cid]
  return Object.values(value).flatMap((each: unknown) => cidsIn(each, depth + 1))
}
