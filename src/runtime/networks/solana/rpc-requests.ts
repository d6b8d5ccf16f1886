/** One call of a JSON-RPC method with the schema of its answer: https://solana.com/docs/rpc/http */
export interface RpcRequest<T> {
  readonly method: string
  readonly params: readonly unknown[]
  /** @throws Error when the answer is not of that form */
  readonly parse: (result: unknown) => T
}

/** How deep a node must have a block before it answers from it. Never the method's own default, which is `finalized`, some 13 s ago. */
export type Commitment = 'processed' | 'confirmed' | 'finalized'

export interface Blockhash {
  readonly blockhash: string
  readonly lastValidBlockHeight: number
}

/** How a transaction stands; no status at all where the node knows none. */
export interface SignatureStatus {
  readonly slot: number
  /** Null: it did what it should. */
  readonly error: unknown
  readonly commitment: Commitment
}

export interface Simulation {
  readonly error: unknown
  readonly units: number
  readonly logs: readonly string[]
}

export function genesisHash(): RpcRequest<string> {
  return { method: 'getGenesisHash', params: [], parse: text }
}

export function latestBlockhash(): RpcRequest<Blockhash> {
  return {
    method: 'getLatestBlockhash',
    params: [{ commitment: 'confirmed' }],
    parse: (result) => {
      const value = map(map(result)['value'])
      return { blockhash: text(value['blockhash']), lastValidBlockHeight: natural(value['lastValidBlockHeight']) }
    },
  }
}

/** The newest finalized block. */
export function finalizedHeight(): RpcRequest<{ readonly slot: number; readonly height: number }> {
  return {
    method: 'getEpochInfo',
    params: [{ commitment: 'finalized' }],
    parse: (result) => {
      const value = map(result)
      return { slot: natural(value['absoluteSlot']), height: natural(value['blockHeight']) }
    },
  }
}

/** Of at most 256 signatures, in their order, with the slot that the node knew of. `history`: also those that it has only on its disk. */
export function signatureStatuses(
  signatures: readonly string[],
  history: boolean,
): RpcRequest<{ readonly slot: number; readonly statuses: readonly (SignatureStatus | undefined)[] }> {
  return {
    method: 'getSignatureStatuses',
    params: [signatures, { searchTransactionHistory: history }],
    parse: (result) => {
      const answer = map(result)
      const statuses = list(answer['value']).map(parseStatus)
      if (statuses.length !== signatures.length) throw new Error('another number of statuses than was asked for')
      return { slot: natural(map(answer['context'])['slot']), statuses }
    },
  }
}

function parseStatus(foreign: unknown): SignatureStatus | undefined {
  if (foreign === null) return undefined
  const status = map(foreign)
  // Null in nodes from before 1.4, which never answer otherwise for what is finalized.
  const commitment = status['confirmationStatus'] ?? 'finalized'
  if (commitment !== 'processed' && commitment !== 'confirmed' && commitment !== 'finalized') throw new Error('an unknown commitment')
  return { slot: natural(status['slot']), error: status['err'] ?? null, commitment }
}

/**
 * @param transaction signed bytes in base64
 * @param checked whether the node simulates it first, and says why it would fail; without, one that can't land is dropped without a word
 */
export function sendTransaction(transaction: string, checked: boolean): RpcRequest<string> {
  // Resent by us: the node's own tries would outlive our knowledge of it.
  const options = { encoding: 'base64', skipPreflight: !checked, preflightCommitment: 'confirmed', maxRetries: 0 }
  return { method: 'sendTransaction', params: [transaction, options], parse: text }
}

/** @param transaction bytes in base64; its signatures and its blockhash don't matter */
export function simulateTransaction(transaction: string): RpcRequest<Simulation> {
  const options = { encoding: 'base64', sigVerify: false, replaceRecentBlockhash: true, commitment: 'confirmed' }
  return {
    method: 'simulateTransaction',
    params: [transaction, options],
    parse: (result) => {
      const value = map(map(result)['value'])
      return { error: value['err'] ?? null, units: natural(value['unitsConsumed'] ?? 0), logs: list(value['logs'] ?? []).map(String) }
    },
  }
}

/** Micro-lamports for a compute unit that the cheapest transactions with this account writable paid, one number a recent slot. */
export function recentPriorityFees(account: string): RpcRequest<readonly number[]> {
  return {
    method: 'getRecentPrioritizationFees',
    params: [[account]],
    parse: (result) => list(result).map((slot) => natural(map(slot)['prioritizationFee'])),
  }
}

/** In lamports. */
export function balanceOf(account: string): RpcRequest<number> {
  return { method: 'getBalance', params: [account, { commitment: 'confirmed' }], parse: (result) => natural(map(result)['value']) }
}

/** Not idempotent. Answers with a signature. */
export function requestAirdrop(account: string, lamports: number): RpcRequest<string> {
  return { method: 'requestAirdrop', params: [account, lamports, { commitment: 'confirmed' }], parse: text }
}

export function map(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
  throw new Error('not an object')
}

export function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new Error('not a list')
}

export function text(value: unknown): string {
  if (typeof value === 'string' && value.length <= 200) return value
  throw new Error('not a short text')
}

export function natural(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new Error('not a natural number')
}
