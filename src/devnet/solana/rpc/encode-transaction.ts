import { toBase58 } from '../chain/base58.js'
import type { Landed } from '../chain/block.js'
import { MEMO_PROGRAM, MEMO_PROGRAM_V1, SYSTEM_PROGRAM } from '../chain/compute-budget.js'
import type { InnerInstruction, Outcome } from '../chain/machine.js'
import { isWritable } from '../chain/wire-transaction.js'
import type { WireInstruction, WireTransaction } from '../chain/wire-transaction.js'
import type { Config } from './params.js'
import { invalidParams, versionUnsupported } from './rpc-error.js'

export type TransactionEncoding = 'json' | 'jsonParsed' | 'base64' | 'base58'

export interface TransactionStyle {
  readonly encoding: TransactionEncoding
  readonly newestVersion: number | undefined
}

export function readStyle(config: Config): TransactionStyle {
  const encoding = config.text('encoding') ?? 'json'
  if (encoding !== 'json' && encoding !== 'jsonParsed' && encoding !== 'base64' && encoding !== 'base58') {
    throw invalidParams(`unsupported encoding: ${encoding}. Supported encodings: json, jsonParsed, base64, base58`)
  }
  return { encoding, newestVersion: config.integer('maxSupportedTransactionVersion') }
}

/** `transaction`, `meta` and, where the caller knows of versions, `version`. @throws RpcError -32015 where it must know and doesn't */
export function encodeLanded({ transaction, outcome }: Landed, style: TransactionStyle, rewards: readonly [] | null = []): object {
  return {
    meta: encodeMeta(transaction, outcome, { rewards, addresses: style.encoding !== 'jsonParsed' }),
    transaction: encodeTransaction(transaction, style.encoding),
    ...encodeVersion(transaction, style),
  }
}

export function encodeVersion({ version }: WireTransaction, { newestVersion }: TransactionStyle): object {
  if (newestVersion !== undefined) return { version }
  if (version !== 'legacy') throw versionUnsupported(version)
  return {}
}

function encodeMeta(
  transaction: WireTransaction,
  outcome: Outcome,
  style: { readonly rewards: readonly [] | null; readonly addresses: boolean },
): object {
  return {
    computeUnitsConsumed: outcome.units,
    costUnits: costOf(transaction, outcome),
    err: outcome.failure,
    fee: outcome.fee,
    innerInstructions: encodeInner(outcome.inner),
    ...(style.addresses ? { loadedAddresses: { readonly: [], writable: [] } } : {}),
    logMessages: outcome.logs,
    postBalances: outcome.after.map(Number),
    postTokenBalances: [],
    preBalances: outcome.before.map(Number),
    preTokenBalances: [],
    ...(outcome.returned === undefined ? {} : { returnData: encodeReturned(outcome.returned) }),
    rewards: style.rewards,
    status: outcome.failure === null ? { Ok: null } : { Err: outcome.failure },
  }
}

export function encodeReturned({ program, data }: NonNullable<Outcome['returned']>): object {
  return { programId: program, data: [Buffer.from(data).toString('base64'), 'base64'] }
}

export function encodeInner(inner: readonly (readonly InnerInstruction[])[]): object[] {
  return inner.flatMap((list, index) =>
    list.length === 0 ? [] : [{ index, instructions: list.map((instruction) => ({ ...instruction, data: toBase58(instruction.data) })) }],
  )
}

/** What a block's limit counts: signatures, locks, data, loaded pages of 32 KiB, and what it used. As a validator's cost model has it. */
function costOf(transaction: WireTransaction, outcome: Outcome): number {
  const writable = transaction.accountKeys.filter((_, index) => isWritable(transaction, index)).length
  const bytes = transaction.instructions.reduce((sum, { data }) => sum + data.length, 0)
  const pages = Math.ceil(outcome.loadedSize / 32_768)
  return outcome.units + 720 * transaction.requiredSignatures + 300 * writable + Math.floor(bytes / 4) + 8 * pages
}

function encodeTransaction(transaction: WireTransaction, encoding: TransactionEncoding): unknown {
  if (encoding === 'base64') return [Buffer.from(transaction.raw).toString('base64'), 'base64']
  if (encoding === 'base58') return [toBase58(transaction.raw), 'base58']
  const { recentBlockhash, signatures, version } = transaction
  const lookups = version === 0 ? { addressTableLookups: [] } : {}
  if (encoding === 'jsonParsed') {
    const instructions = transaction.instructions.map((instruction) => parseInstruction(transaction, instruction))
    return { message: { accountKeys: encodeAccounts(transaction), instructions, recentBlockhash, ...lookups }, signatures }
  }
  const header = {
    numReadonlySignedAccounts: transaction.readonlySigned,
    numReadonlyUnsignedAccounts: transaction.readonlyUnsigned,
    numRequiredSignatures: transaction.requiredSignatures,
  }
  const instructions = transaction.instructions.map(({ accounts, data, programIdIndex }) => ({
    accounts,
    data: toBase58(data),
    programIdIndex,
    stackHeight: 1,
  }))
  return { message: { accountKeys: transaction.accountKeys, header, instructions, recentBlockhash, ...lookups }, signatures }
}

/** The addresses with what each may do. */
export function encodeAccounts(transaction: WireTransaction): object[] {
  return transaction.accountKeys.map((pubkey, index) => ({
    pubkey,
    signer: index < transaction.requiredSignatures,
    source: 'transaction',
    writable: isWritable(transaction, index),
  }))
}

/** Memos and transfers in words, the rest in part, as a validator does with programs that it doesn't know. */
function parseInstruction(transaction: WireTransaction, { programIdIndex, accounts, data }: WireInstruction): object {
  const programId = transaction.accountKeys[programIdIndex] ?? ''
  const keys = accounts.map((account) => transaction.accountKeys[account] ?? '')
  if (programId === MEMO_PROGRAM || programId === MEMO_PROGRAM_V1) {
    return { parsed: Buffer.from(data).toString('utf8'), program: 'spl-memo', programId, stackHeight: 1 }
  }
  if (programId === SYSTEM_PROGRAM && data.length === 12 && data[0] === 2) {
    const lamports = Number(Buffer.from(data).readBigUInt64LE(4))
    const info = { destination: keys[1], lamports, source: keys[0] }
    return { parsed: { info, type: 'transfer' }, program: 'system', programId, stackHeight: 1 }
  }
  return { accounts: keys, data: toBase58(data), programId, stackHeight: 1 }
}
