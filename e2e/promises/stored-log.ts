import type { Page } from '@playwright/test'
import { decode, encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { readRows } from './stored-data.js'

/** One event as its signed bytes say it, read without the runtime. */
export interface StoredEvent {
  readonly id: string
  readonly author: string
  readonly seq: number
  readonly previous: string | undefined
  readonly space: string
  /** Whether the author's signature covers the rest. */
  readonly signed: boolean
}

const HEADER = 16
const RECORD = 20
const REMOVED = 0xffffffff
const DAG_CBOR = 0x71

/**
 * The event log as it lies in the database, by the published formats alone (packed rows, dag-cbor, CIDs, Ed25519): a second opinion that shares no
 * code with the runtime.
 */
export async function readStoredLog(page: Page): Promise<readonly StoredEvent[]> {
  const records = new Map<string, Uint8Array>()
  // Commits are newer than pages.
  for (const row of [...(await readRows(page, 'pages')), ...(await readRows(page, 'commits'))]) unpack(row, records)
  const logged = [...records].filter(([key]) => key.startsWith('e/')).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return await Promise.all(logged.map(([, record]) => verify(signedBytes(record))))
}

/** Adds a packed row's entries to those of older rows. */
function unpack(row: Uint8Array, records: Map<string, Uint8Array>): void {
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength)
  for (let index = 0; index < view.getUint32(8, true); index++) {
    const [keyAt = 0, keyLength = 0, valueAt = 0, valueLength = 0] = [0, 4, 8, 12].map((at) =>
      view.getUint32(HEADER + RECORD * index + at, true),
    )
    const key = Buffer.from(row.subarray(keyAt, keyAt + keyLength)).toString('latin1')
    if (valueLength === REMOVED) records.delete(key)
    else records.set(key, row.subarray(valueAt, valueAt + valueLength))
  }
}

/** A record of the log is `version, operation, origin, path length (u16), path, signed bytes`. */
function signedBytes(record: Uint8Array): Uint8Array<ArrayBuffer> {
  const path = ((record[3] ?? 0) << 8) + (record[4] ?? 0)
  return new Uint8Array(record.subarray(5 + path))
}

async function verify(bytes: Uint8Array<ArrayBuffer>): Promise<StoredEvent> {
  const { sig, ...unsigned } = decode<Record<string, unknown>>(bytes)
  const { author, previous, seq, space } = unsigned
  if (!(author instanceof Uint8Array) || !(sig instanceof Uint8Array)) throw new Error('a stored event has no author or no signature')
  const key = await crypto.subtle.importKey('raw', new Uint8Array(author), 'Ed25519', true, ['verify'])
  return {
    id: CID.createV1(DAG_CBOR, await sha256.digest(bytes)).toString(),
    author: hex(author),
    seq: Number(seq),
    previous: previous instanceof Uint8Array ? CID.decode(new Uint8Array(previous)).toString() : undefined,
    space: space instanceof Uint8Array ? hex(space) : String(space),
    signed: await crypto.subtle.verify('Ed25519', key, new Uint8Array(sig), new Uint8Array(encode(unsigned))),
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
