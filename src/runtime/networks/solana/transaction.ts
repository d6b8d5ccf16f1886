import { MessageV0, PublicKey, VersionedTransaction } from '@solana/web3.js'
import { encodeText } from '../../codec/text.js'
import { toBase58 } from './base58.js'
import type { Payer } from './payer.js'

/** What a transaction of ours is made of. */
export interface TransactionPlan {
  readonly payer: Pick<Payer, 'key'>
  /** The space's reference key, 32 bytes. */
  readonly reference: Uint8Array
  readonly memo: string
  /** In base 58. */
  readonly blockhash: string
  readonly unitLimit: number
  /** Micro-lamports; 0 saves the instruction. */
  readonly unitPrice: number
}

export interface SignedTransaction {
  /** In base 58: the transaction's name. */
  readonly signature: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** https://solana.com/docs/core/transactions: the bytes of an IPv6 packet without its headers. */
const MOST_BYTES = 1232
/** Bytes of everything but the memo's text: signature, header, five accounts, blockhash, limit, transfer and the heads of both instructions. */
const BYTES_AROUND_MEMO = 294
const PRICE_BYTES = 12
export const MOST_UNITS = 1_400_000
/** Lamports for each signature. */
export const BASE_FEE = 5_000

const SYSTEM = new PublicKey('11111111111111111111111111111111')
const COMPUTE_BUDGET = new PublicKey('ComputeBudget111111111111111111111111111111')
const MEMO = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr')
/** Places in the list of accounts below. */
const ACCOUNT = { payer: 0, reference: 1, system: 2, memo: 3, computeBudget: 4 } as const

/** Characters of memo that fit. */
export function memoRoom(priced: boolean): number {
  return MOST_BYTES - BYTES_AROUND_MEMO - (priced ? PRICE_BYTES : 0)
}

/** What the payer signs: a zero-lamport transfer to itself that names the reference key as a read-only account, and the memo. */
export function compileMessage(plan: TransactionPlan): MessageV0 {
  const { payer, reference, memo, blockhash, unitLimit, unitPrice } = plan
  return new MessageV0({
    header: { numRequiredSignatures: 1, numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 4 },
    staticAccountKeys: [new PublicKey(payer.key), new PublicKey(reference), SYSTEM, MEMO, COMPUTE_BUDGET],
    recentBlockhash: blockhash,
    compiledInstructions: [
      instruction(ACCOUNT.computeBudget, [], setComputeUnitLimit(unitLimit)),
      ...(unitPrice === 0 ? [] : [instruction(ACCOUNT.computeBudget, [], setComputeUnitPrice(unitPrice))]),
      instruction(ACCOUNT.system, [ACCOUNT.payer, ACCOUNT.payer, ACCOUNT.reference], transferOfNothing()),
      instruction(ACCOUNT.memo, [], encodeText(memo)),
    ],
    addressTableLookups: [],
  })
}

/** For a simulation, which needs no signature. */
export function unsignedBytes(message: MessageV0): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new VersionedTransaction(message).serialize())
}

/** @throws SpiceTimeError what the payer's signing fails with */
export async function signTransaction(message: MessageV0, payer: Payer, signal?: AbortSignal): Promise<SignedTransaction> {
  const signature = await payer.sign(new Uint8Array(message.serialize()), signal)
  const transaction = new VersionedTransaction(message)
  transaction.addSignature(new PublicKey(payer.key), signature)
  return { signature: toBase58(signature), bytes: new Uint8Array(transaction.serialize()) }
}

/** Lamports that the transaction costs. */
export function feeOf(unitLimit: number, unitPrice: number): number {
  return BASE_FEE + Math.ceil((unitLimit * unitPrice) / 1_000_000)
}

type Instruction = MessageV0['compiledInstructions'][number]

function instruction(programIdIndex: number, accountKeyIndexes: number[], data: Uint8Array): Instruction {
  return { programIdIndex, accountKeyIndexes, data }
}

function setComputeUnitLimit(units: number): Uint8Array {
  const data = new Uint8Array(5)
  data[0] = 2
  new DataView(data.buffer).setUint32(1, units, true)
  return data
}

function setComputeUnitPrice(microLamports: number): Uint8Array {
  const data = new Uint8Array(9)
  data[0] = 3
  new DataView(data.buffer).setBigUint64(1, BigInt(microLamports), true)
  return data
}

function transferOfNothing(): Uint8Array {
  const data = new Uint8Array(12)
  data[0] = 2
  return data
}
