/** A transaction's failure as JSON-RPC writes it: `"BlockhashNotFound"`, `{ InstructionError: [1, { Custom: 1 }] }`. */
export type TransactionFailure =
  | string
  | { readonly [name: string]: TransactionFailure | number | readonly (TransactionFailure | number)[] }

const TRANSACTION_TEXTS: Readonly<Record<string, string>> = {
  AccountInUse: 'Account in use',
  AccountLoadedTwice: 'Account loaded twice',
  AccountNotFound: 'Attempt to debit an account but found no record of a prior credit.',
  ProgramAccountNotFound: 'Attempt to load a program that does not exist',
  InsufficientFundsForFee: 'Insufficient funds for fee',
  InvalidAccountForFee: 'This account may not be used to pay transaction fees',
  AlreadyProcessed: 'This transaction has already been processed',
  BlockhashNotFound: 'Blockhash not found',
  InvalidAccountIndex: 'Transaction contains an invalid account reference',
  SignatureFailure: 'Transaction did not pass signature verification',
  InvalidProgramForExecution: 'This program may not be used for executing instructions',
  SanitizeFailure: 'Transaction failed to sanitize accounts offsets correctly',
  InvalidWritableAccount: 'Transaction contains an account that cannot be written',
  TooManyAccountLocks: 'Transaction locked too many accounts',
  AddressLookupTableNotFound: "Transaction loads an address table account that doesn't exist",
  InvalidRentPayingAccount: 'Transaction leaves an account with a lower balance than rent-exempt minimum',
  MaxLoadedAccountsDataSizeExceeded: 'Transaction exceeded max loaded accounts data size cap',
}

const INSTRUCTION_TEXTS: Readonly<Record<string, string>> = {
  GenericError: 'generic instruction error',
  InvalidArgument: 'invalid program argument',
  InvalidInstructionData: 'invalid instruction data',
  InvalidAccountData: 'invalid account data for instruction',
  AccountDataTooSmall: 'account data too small for instruction',
  InsufficientFunds: 'insufficient funds for instruction',
  IncorrectProgramId: 'incorrect program id for instruction',
  MissingRequiredSignature: 'missing required signature for instruction',
  AccountAlreadyInitialized: 'instruction requires an uninitialized account',
  UninitializedAccount: 'instruction requires an initialized account',
  UnbalancedInstruction: 'sum of account balances before and after instruction do not match',
  NotEnoughAccountKeys: 'insufficient account keys for instruction',
  ComputationalBudgetExceeded: 'Computational budget exceeded',
  ProgramFailedToComplete: 'Program failed to complete',
  UnsupportedProgramId: 'Unsupported program id',
  InvalidAccountOwner: 'Invalid account owner',
}

/** The sentence that a validator writes for it. */
export function failureText(failure: TransactionFailure): string {
  if (typeof failure === 'string') return TRANSACTION_TEXTS[failure] ?? failure
  const [[name, detail] = ['', '']] = Object.entries(failure)
  if (name === 'InstructionError' && Array.isArray(detail)) {
    const parts: readonly (TransactionFailure | number)[] = detail
    const [index, cause] = parts
    return `Error processing Instruction ${String(index)}: ${instructionText(cause)}`
  }
  if (name === 'DuplicateInstruction') return `Transaction contains a duplicate instruction (${String(detail)}) that is not allowed`
  const account = typeof detail === 'object' && 'account_index' in detail ? String(detail['account_index']) : ''
  if (name === 'InsufficientFundsForRent') return `Transaction results in an account (${account}) with insufficient funds for rent`
  return `Execution of the program referenced by account at index ${account} is temporarily restricted.`
}

function instructionText(failure: TransactionFailure | number | undefined): string {
  if (typeof failure === 'string') return INSTRUCTION_TEXTS[failure] ?? failure
  const custom = typeof failure === 'object' ? failure['Custom'] : undefined
  return `custom program error: 0x${typeof custom === 'number' ? custom.toString(16) : '0'}`
}
