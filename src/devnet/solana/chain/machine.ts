import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Account, FailedTransactionMetadata, LiteSvm, TransactionMetadata } from 'litesvm/dist/internal.js'
import { SpiceTimeError } from '../../../runtime/errors/spice-time-error.js'
import { fromBase58, toBase58 } from './base58.js'
import { MEMO_PROGRAM, MEMO_PROGRAM_V1, SYSTEM_PROGRAM, feeOf } from './compute-budget.js'
import type { TransactionFailure } from './transaction-errors.js'
import { isWritable } from './wire-transaction.js'
import type { WireTransaction } from './wire-transaction.js'
import { INSTRUCTION_ERRORS, TRANSACTION_ERRORS } from './error-names.js'

type Native = typeof import('litesvm/dist/internal.js')

const LOADER = 'BPFLoader2111111111111111111111111111111111'
const PROGRAMS = { [MEMO_PROGRAM]: 'spl-memo-3.0.0', [MEMO_PROGRAM_V1]: 'spl-memo-1.0.0' }
const NO_RENT = 2n ** 64n - 1n
/** What a validator adds for each account to the size of its data. */
const ACCOUNT_OVERHEAD = 64
/** Failures to load: the fee is taken all the same. */
const FEES_ONLY = new Set<TransactionFailure>(['ProgramAccountNotFound', 'InvalidProgramForExecution'])

export interface AccountState {
  readonly lamports: bigint
  readonly data: Uint8Array
  readonly owner: string
  readonly executable: boolean
  readonly rentEpoch: bigint
}

export interface InnerInstruction {
  readonly programIdIndex: number
  readonly accounts: readonly number[]
  readonly data: Uint8Array
  readonly stackHeight: number
}

/** What running a transaction did. */
export interface Outcome {
  readonly failure: TransactionFailure | null
  /** False: it can be in no block, and cost nothing. */
  readonly landed: boolean
  readonly fee: number
  readonly logs: readonly string[]
  readonly units: number
  readonly loadedSize: number
  readonly inner: readonly (readonly InnerInstruction[])[]
  readonly returned: { readonly program: string; readonly data: Uint8Array } | undefined
  readonly before: readonly bigint[]
  readonly after: readonly bigint[]
  /** The accounts that it may have changed, as they were: what a rollback puts back. */
  readonly undo: readonly Undo[]
}

export type Undo = readonly [address: string, account: AccountState | undefined]

/** Loads litesvm's native module. @throws SpiceTimeError DEVNET_FAILED where there is none for this machine */
export async function loadNative(): Promise<Native> {
  try {
    return await import('litesvm/dist/internal.js')
  } catch (error) {
    const message = `The embedded Solana devnet needs litesvm's native module, which can't be loaded on ${process.platform}-${process.arch}: use a Solana URL instead.`
    throw new SpiceTimeError('DEVNET_FAILED', message, {}, error)
  }
}

/** The real SVM with the real programs, and nothing of a cluster: no blocks, no blockhash window, no history. */
export class Machine {
  readonly #native: Native
  readonly #svm: LiteSvm
  /** Programs are large and stay as they are: their bytes are not fetched for each transaction. */
  readonly #programSizes = new Map<string, number>()

  constructor(native: Native) {
    this.#native = native
    this.#svm = new native.LiteSvm()
    for (const step of ['setSysvars', 'setBuiltins', 'setPrecompiles', 'setDefaultPrograms'] as const) this.#svm[step]()
    // The chain checks signatures and blockhashes, and remembers what has landed.
    this.#svm.setSigverify(false)
    this.#svm.setBlockhashCheck(false)
    this.#svm.setTransactionHistory(0n)
    for (const [address, file] of Object.entries(PROGRAMS)) {
      const program = gunzipSync(readFileSync(new URL(`../programs/${file}.so.gz`, import.meta.url)))
      this.#svm.addProgramWithLoader(addressBytes(address), program, addressBytes(LOADER))
    }
    const system = this.account(SYSTEM_PROGRAM)
    if (system !== undefined) this.restore([[SYSTEM_PROGRAM, { ...system, data: Buffer.from('system_program') }]])
  }

  account(address: string): AccountState | undefined {
    const account = this.#svm.getAccount(addressBytes(address))
    return account === null || account.lamports() === 0n ? undefined : readAccount(account)
  }

  lamports(address: string): bigint {
    return this.#svm.getBalance(addressBytes(address)) ?? 0n
  }

  /** Lamports out of nothing, for the genesis. */
  endow(address: string, lamports: bigint): void {
    this.restore([[address, { lamports, data: new Uint8Array(), owner: SYSTEM_PROGRAM, executable: false, rentEpoch: NO_RENT }]])
  }

  rentExemption(size: number): number {
    return Number(this.#svm.minimumBalanceForRentExemption(BigInt(size)))
  }

  setTime(slot: number, unixSeconds: number): void {
    const clock = this.#svm.getClock()
    clock.slot = BigInt(slot)
    clock.unixTimestamp = BigInt(unixSeconds)
    this.#svm.setClock(clock)
  }

  restore(accounts: readonly Undo[]): void {
    for (const [address, account] of accounts) {
      const { lamports, data, owner, executable, rentEpoch } = account ?? GONE
      this.#svm.setAccount(addressBytes(address), new this.#native.Account(lamports, data, addressBytes(owner), executable, rentEpoch))
    }
  }

  /** Runs it and keeps what it did. */
  execute(transaction: WireTransaction): Outcome {
    const writable = transaction.accountKeys.filter((_, index) => isWritable(transaction, index))
    const undo = writable.map((address): Undo => [address, this.account(address)])
    return this.#run(transaction, undo)
  }

  /** Runs it on the present state and keeps nothing. The balances afterwards are those of an execution. */
  simulate(transaction: WireTransaction): Outcome {
    const outcome = this.execute(transaction)
    this.restore(outcome.undo)
    return outcome
  }

  #run(transaction: WireTransaction, undo: readonly Undo[]): Outcome {
    const fee = feeOf(transaction)
    const balances = (): bigint[] => transaction.accountKeys.map((address) => this.lamports(address))
    const before = balances()
    const loadedSize = transaction.accountKeys.reduce((size, address) => size + this.#size(address), 0)
    const nothing = { fee, logs: [], units: 0, inner: [], returned: undefined, before, undo }
    if (transaction.lookups > 0) {
      return { ...nothing, failure: 'AddressLookupTableNotFound', landed: false, loadedSize: 0, after: before }
    }
    const result = this.#svm.sendVersionedTransaction(transaction.raw)
    const failed = result instanceof this.#native.FailedTransactionMetadata
    const meta = failed ? result.meta() : result
    const failure = failed ? this.#failure(result.err(), transaction) : null
    const feesOnly = failure !== null && FEES_ONLY.has(failure)
    if (feesOnly) this.#takeFee(transaction, fee)
    return {
      ...nothing,
      failure,
      landed: typeof failure !== 'string' || feesOnly,
      loadedSize,
      logs: meta.logs(),
      units: Number(meta.computeUnitsConsumed()),
      inner: readInner(meta),
      returned: readReturned(meta),
      after: balances(),
    }
  }

  #size(address: string): number {
    const known = this.#programSizes.get(address)
    if (known !== undefined) return known
    const account = this.account(address)
    if (account === undefined) return 0
    const size = account.data.length + ACCOUNT_OVERHEAD
    if (account.executable) this.#programSizes.set(address, size)
    return size
  }

  #takeFee(transaction: WireTransaction, fee: number): void {
    const [payer = ''] = transaction.accountKeys
    const account = this.account(payer)
    if (account !== undefined) this.restore([[payer, { ...account, lamports: account.lamports - BigInt(fee) }]])
  }

  #failure(error: ReturnType<FailedTransactionMetadata['err']>, transaction: WireTransaction): TransactionFailure {
    const native = this.#native
    if (typeof error === 'number') {
      const name = TRANSACTION_ERRORS[error] ?? `TransactionError${String(error)}`
      const missing = transaction.instructions.some(
        ({ programIdIndex }) => this.account(transaction.accountKeys[programIdIndex] ?? '') === undefined,
      )
      return name === 'InvalidProgramForExecution' && missing ? 'ProgramAccountNotFound' : name
    }
    if (error instanceof native.TransactionErrorInstructionError) {
      const cause = error.err()
      if (typeof cause === 'number')
        return { InstructionError: [error.index, INSTRUCTION_ERRORS[cause] ?? `InstructionError${String(cause)}`] }
      return { InstructionError: [error.index, cause instanceof native.InstructionErrorCustom ? { Custom: cause.code } : 'BorshIoError'] }
    }
    if (error instanceof native.TransactionErrorDuplicateInstruction) return { DuplicateInstruction: error.index }
    const name =
      error instanceof native.TransactionErrorInsufficientFundsForRent
        ? 'InsufficientFundsForRent'
        : 'ProgramExecutionTemporarilyRestricted'
    return { [name]: { account_index: error.accountIndex } }
  }
}

const GONE: AccountState = { lamports: 0n, data: new Uint8Array(), owner: SYSTEM_PROGRAM, executable: false, rentEpoch: 0n }

function readAccount(account: Account): AccountState {
  return {
    lamports: account.lamports(),
    data: account.data(),
    owner: toBase58(account.owner()),
    executable: account.executable(),
    rentEpoch: account.executable() ? account.rentEpoch() : NO_RENT,
  }
}

function readInner(meta: TransactionMetadata): InnerInstruction[][] {
  return meta.innerInstructions().map((list) =>
    list.map((inner) => {
      const instruction = inner.instruction()
      return {
        programIdIndex: instruction.programIdIndex(),
        accounts: [...instruction.accounts()],
        data: instruction.data(),
        stackHeight: inner.stackHeight(),
      }
    }),
  )
}

function readReturned(meta: TransactionMetadata): Outcome['returned'] {
  const returned = meta.returnData()
  const data = returned.data()
  return data.length === 0 ? undefined : { program: toBase58(returned.programId()), data }
}

/** @throws RangeError for what is no address: callers parse first */
function addressBytes(address: string): Uint8Array {
  const bytes = fromBase58(address)
  if (bytes?.length !== 32) throw new RangeError(`${address} is no address`)
  return bytes
}
