import { toBase58 } from './base58.js'

export interface WireInstruction {
  readonly programIdIndex: number
  readonly accounts: readonly number[]
  readonly data: Uint8Array
}

export interface WireMessage {
  readonly version: 'legacy' | 0
  readonly requiredSignatures: number
  readonly readonlySigned: number
  readonly readonlyUnsigned: number
  readonly accountKeys: readonly string[]
  readonly recentBlockhash: string
  readonly instructions: readonly WireInstruction[]
  readonly lookups: number
}

export interface WireTransaction extends WireMessage {
  readonly raw: Uint8Array
  /** The first one names the transaction. */
  readonly signatures: readonly string[]
  readonly signatureBytes: readonly Uint8Array[]
  /** What the signatures cover. */
  readonly message: Uint8Array
}

/** The bytes are no transaction. litesvm ends the whole process on such bytes, so they are found here. */
export class MalformedTransaction extends Error {
  override readonly name = 'MalformedTransaction'
}

class Reader {
  at = 0
  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    const [byte] = this.take(1)
    return byte ?? 0
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw new MalformedTransaction(`Attempting to read ${length} bytes`)
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  /** A length in 7-bit groups, at most 16 bits, in its shortest form. */
  compact(): number {
    let value = 0
    for (let shift = 0; shift <= 14; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte === 0 && shift > 0) break
      if ((byte & 0x80) === 0 && value <= 0xffff) return value
    }
    throw new MalformedTransaction('invalid length encoding')
  }

  many<T>(read: () => T): T[] {
    return Array.from({ length: this.compact() }, read)
  }
}

/**
 * Reads a transaction from the wire: Solana's own format, legacy and version 0.
 * @throws MalformedTransaction where the bytes are not exactly one
 */
export function parseTransaction(raw: Uint8Array): WireTransaction {
  const reader = new Reader(raw)
  const signatureBytes = reader.many(() => reader.take(64))
  const message = raw.subarray(reader.at)
  const parsed = parseMessage(message)
  if (signatureBytes.length === 0 || signatureBytes.length !== parsed.requiredSignatures) {
    throw new MalformedTransaction('Transaction failed to sanitize accounts offsets correctly')
  }
  return { ...parsed, raw, signatureBytes, signatures: signatureBytes.map(toBase58), message }
}

/** @throws MalformedTransaction where the bytes are not exactly one message */
export function parseMessage(bytes: Uint8Array): WireMessage {
  const reader = new Reader(bytes)
  const first = reader.byte()
  const version = first < 0x80 ? 'legacy' : 0
  if (first > 0x80)
    throw new MalformedTransaction(`invalid value: integer \`${first & 0x7f}\`, expected a valid transaction message version`)
  const message: WireMessage = {
    version,
    requiredSignatures: version === 'legacy' ? first : reader.byte(),
    readonlySigned: reader.byte(),
    readonlyUnsigned: reader.byte(),
    accountKeys: reader.many(() => toBase58(reader.take(32))),
    recentBlockhash: toBase58(reader.take(32)),
    instructions: reader.many(() => ({
      programIdIndex: reader.byte(),
      accounts: [...reader.take(reader.compact())],
      data: reader.take(reader.compact()),
    })),
    lookups: version === 0 ? reader.many(() => readLookup(reader)).length : 0,
  }
  if (reader.at !== bytes.length) throw new MalformedTransaction('io error: trailing bytes')
  if (!isSane(message)) throw new MalformedTransaction('Transaction failed to sanitize accounts offsets correctly')
  return message
}

function readLookup(reader: Reader): void {
  reader.take(32)
  reader.take(reader.compact())
  reader.take(reader.compact())
}

/** The same that a validator's `sanitize` refuses: indexes that lead nowhere, a payer that can't pay. */
function isSane(message: WireMessage): boolean {
  const { requiredSignatures, readonlySigned, readonlyUnsigned, accountKeys, instructions, lookups } = message
  if (requiredSignatures + readonlyUnsigned > accountKeys.length || readonlySigned >= requiredSignatures) return false
  // Keys from lookup tables are not known here; `Machine` refuses transactions that need them.
  const keys = lookups > 0 ? 256 : accountKeys.length
  return instructions.every(
    ({ programIdIndex, accounts }) =>
      programIdIndex > 0 && programIdIndex < accountKeys.length && accounts.every((account) => account < keys),
  )
}

export function isWritable(message: WireMessage, index: number): boolean {
  const { requiredSignatures, readonlySigned, readonlyUnsigned, accountKeys } = message
  if (index < requiredSignatures) return index < requiredSignatures - readonlySigned
  return index < accountKeys.length - readonlyUnsigned
}
