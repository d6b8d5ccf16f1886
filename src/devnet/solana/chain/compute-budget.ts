import type { WireMessage } from './wire-transaction.js'

export const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111'
export const SYSTEM_PROGRAM = '11111111111111111111111111111111'
export const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'
export const MEMO_PROGRAM_V1 = 'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo'

export const LAMPORTS_PER_SIGNATURE = 5000
const MAX_UNITS = 1_400_000
/** What an instruction gets unless the transaction says otherwise: of a native program, and of any other. */
const BUILTIN_UNITS = 3000
const PROGRAM_UNITS = 200_000
const BUILTINS = new Set([
  SYSTEM_PROGRAM,
  COMPUTE_BUDGET,
  'Vote111111111111111111111111111111111111111',
  'Stake11111111111111111111111111111111111111',
])

export interface Budget {
  /** Compute units that it may use. */
  readonly units: number
  /** Micro-lamports for each of them. */
  readonly price: bigint
}

/** What the transaction's compute budget instructions ask for, with a validator's defaults. */
export function readBudget(message: WireMessage): Budget {
  let units: number | undefined
  let price = 0n
  let fallback = 0
  for (const { programIdIndex, data } of message.instructions) {
    const program = message.accountKeys[programIdIndex] ?? ''
    fallback += BUILTINS.has(program) ? BUILTIN_UNITS : PROGRAM_UNITS
    if (program !== COMPUTE_BUDGET) continue
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    if (data[0] === 2 && data.length === 5) units = view.getUint32(1, true)
    if (data[0] === 3 && data.length === 9) price = view.getBigUint64(1, true)
  }
  return { units: Math.min(units ?? fallback, MAX_UNITS), price }
}

/** In lamports: 5,000 a signature, and the priority fee, rounded up. */
export function feeOf(message: WireMessage): number {
  const { units, price } = readBudget(message)
  const priority = (BigInt(units) * price + 999_999n) / 1_000_000n
  return message.requiredSignatures * LAMPORTS_PER_SIGNATURE + Number(priority)
}
