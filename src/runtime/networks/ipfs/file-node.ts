import { createLink, createNode, decode, encode } from '@ipld/dag-pb'
import type { PBNode } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'

/** A part of a file, as the node above it links to it. */
export interface FileLink {
  readonly cid: CID
  /** Bytes of the file below it. */
  readonly fileBytes: number
  /** Bytes of all blocks below it, with itself: what dag-pb calls Tsize. */
  readonly treeBytes: number
}

/** A node of a file, decoded. */
export interface FileNode {
  readonly links: readonly { readonly cid: CID; readonly fileBytes: number }[]
  /** Bytes of the file that lie in the node itself, before those of its links. */
  readonly data: Uint8Array
}

/** Types of UnixFS data: https://specs.ipfs.tech/unixfs/#data-format */
const TYPE_RAW = 0
const TYPE_FILE = 2
const TYPE_FIELD = 1
const DATA_FIELD = 2
const BLOCK_SIZES_FIELD = 4
const WIRE_VARINT = 0
const WIRE_FIXED_64 = 1
const WIRE_BYTES = 2
const WIRE_FIXED_32 = 5

/** The node above links, byte for byte as Kubo writes it. */
export function encodeFileNode(links: readonly FileLink[]): Uint8Array {
  const total = links.reduce((sum, { fileBytes }) => sum + fileBytes, 0)
  const data = [TYPE_FIELD << 3, TYPE_FILE, 3 << 3, ...varint(total)]
  for (const { fileBytes } of links) data.push(BLOCK_SIZES_FIELD << 3, ...varint(fileBytes))
  return encode(
    createNode(
      Uint8Array.from(data),
      links.map(({ cid, treeBytes }) => createLink('', treeBytes, cid)),
    ),
  )
}

/** @throws Error with a sentence's part that says what is wrong: "it is no …" */
export function decodeFileNode(block: Uint8Array): FileNode {
  const { Data, Links } = tryDecode(block)
  if (Data === undefined) throw new Error('a node of it has no UnixFS data')
  const { type, data, blockSizes } = readUnixFs(Data)
  if (type !== TYPE_FILE && type !== TYPE_RAW) throw new Error('it is no file')
  if (blockSizes.length !== Links.length) throw new Error('a node of it has another number of sizes than of links')
  return { data, links: Links.map(({ Hash }, at) => ({ cid: Hash, fileBytes: blockSizes[at] ?? 0 })) }
}

function tryDecode(block: Uint8Array): PBNode {
  try {
    return decode(block)
  } catch {
    throw new Error('a node of it is no dag-pb')
  }
}

interface UnixFs {
  type: number
  data: Uint8Array
  readonly blockSizes: number[]
}

function readUnixFs(bytes: Uint8Array): UnixFs {
  const found: UnixFs = { type: -1, data: new Uint8Array(0), blockSizes: [] }
  const reader = new ProtobufReader(bytes)
  while (!reader.ended) {
    const key = reader.varint()
    const field = Math.floor(key / 8)
    const wire = key % 8
    if (field === BLOCK_SIZES_FIELD && wire === WIRE_BYTES) {
      // One by one: as arguments of one call, as many as a block can hold would be more than a stack does.
      for (const size of new ProtobufReader(reader.bytes()).varints()) found.blockSizes.push(size)
    } else if (wire === WIRE_VARINT) takeNumber(found, field, reader.varint())
    else if (wire === WIRE_BYTES && field === DATA_FIELD) found.data = reader.bytes()
    else reader.skip(wire)
  }
  return found
}

function takeNumber(found: UnixFs, field: number, value: number): void {
  if (field === TYPE_FIELD) found.type = value
  else if (field === BLOCK_SIZES_FIELD) found.blockSizes.push(value)
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return bytes
}

/** https://protobuf.dev/programming-guides/encoding/ */
class ProtobufReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length
  }

  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new Error('the UnixFS data of a node of it ends early')
      value += (byte % 0x80) * scale
      if (!Number.isSafeInteger(value)) throw new Error('a node of it claims a size that no file has')
      if (byte < 0x80) return value
    }
  }

  *varints(): Iterable<number> {
    while (!this.ended) yield this.varint()
  }

  bytes(): Uint8Array {
    const length = this.varint()
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#advance(length)
    return bytes
  }

  skip(wire: number): void {
    if (wire === WIRE_BYTES) this.bytes()
    else if (wire === WIRE_FIXED_64) this.#advance(8)
    else if (wire === WIRE_FIXED_32) this.#advance(4)
    else throw new Error('the UnixFS data of a node of it is malformed')
  }

  #advance(length: number): void {
    this.#at += length
    if (this.#at > this.#bytes.length) throw new Error('the UnixFS data of a node of it ends early')
  }
}
