import { encode } from '@ipld/dag-cbor'
import { varint } from 'multiformats'
import { CID } from 'multiformats/cid'

type Bytes = Uint8Array<ArrayBuffer>

/** A CAR of version 1 (https://ipld.io/specs/transport/car/carv1/), in pieces for a Blob. */
export function carOf(root: string, blocks: readonly { readonly cid: string; readonly bytes: Bytes }[]): Bytes[] {
  const header = Uint8Array.from(encode({ version: 1, roots: [CID.parse(root)] }))
  const pieces = [length(header.length), header]
  for (const { cid, bytes } of blocks) {
    const name = Uint8Array.from(CID.parse(cid).bytes)
    pieces.push(length(name.length + bytes.length), name, bytes)
  }
  return pieces
}

function length(of: number): Bytes {
  return varint.encodeTo(of, new Uint8Array(varint.encodingLength(of)))
}
