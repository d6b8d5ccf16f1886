import { fromBase58 } from '../chain/base58.js'
import { signatureOf } from '../chain/block.js'
import type { Block } from '../chain/block.js'
import type { Chain } from '../chain/chain.js'
import { feeOf } from '../chain/compute-budget.js'
import type { Outcome } from '../chain/machine.js'
import { failureText } from '../chain/transaction-errors.js'
import type { TransactionFailure } from '../chain/transaction-errors.js'
import { MalformedTransaction, parseMessage, parseTransaction } from '../chain/wire-transaction.js'
import type { WireTransaction } from '../chain/wire-transaction.js'
import { encodeInner, encodeReturned } from './encode-transaction.js'
import { invalidParams, nodeBehind, preflightFailure } from './rpc-error.js'
import { bankOf, inContext } from './rpc-node.js'
import type { RpcMethod } from './rpc-node.js'

const TRANSACTION_TYPE = 'solana_transaction::versioned::VersionedTransaction'
const MESSAGE_TYPE = 'solana_message::versions::VersionedMessage'
/** A packet's size, and what it is when encoded. */
const LIMITS = { raw: 1232, base64: 1644, base58: 1683 }
/** Refused before the fee was worked out. */
const FEELESS = new Set<TransactionFailure>(['AccountNotFound', 'InsufficientFundsForFee', 'AddressLookupTableNotFound'])

/** What becomes part of the chain, or would. */
export const transactionMethods: Readonly<Record<string, RpcMethod>> = {
  sendTransaction: (node, params) => {
    const config = params.config(1)
    const transaction = decodeTransaction(params.text(0), config.text('encoding') ?? 'base58')
    const skip = config.flag('skipPreflight') ?? false
    const commitment = skip ? 'processed' : config.commitment('preflightCommitment')
    const bank = bankOf(node, config, commitment)
    if (!skip) preflight(node.chain, transaction, { bank, behindSlots: node.switches.behindSlots })
    // What can't land is taken all the same, and lost, as on a real network.
    if (node.chain.isSigned(transaction) && !node.switches.loseTransactions) node.chain.mempool.add(transaction)
    return signatureOf(transaction)
  },
  simulateTransaction: (node, params) => {
    const config = params.config(1)
    const transaction = decodeTransaction(params.text(0), config.text('encoding') ?? 'base58')
    const [verify, replace] = [config.flag('sigVerify') ?? false, config.flag('replaceRecentBlockhash') ?? false]
    if (verify && replace) throw invalidParams('sigVerify may not be used with replaceRecentBlockhash')
    if (config.raw('accounts') !== undefined) throw invalidParams('This devnet does not return accounts from a simulation')
    const bank = bankOf(node, config)
    const trial = simulate(node.chain, transaction, { bank, verify, replace })
    const lastValidBlockHeight = node.chain.lastValidHeight(bank.hash, bank)
    return inContext(bank.slot, {
      ...encodeTrial(trial),
      innerInstructions: config.flag('innerInstructions') === true && trial.outcome ? encodeInner(trial.outcome.inner) : null,
      loadedAddresses: { readonly: [], writable: [] },
      ...(trial.outcome === undefined ? {} : encodeBalances(trial.outcome)),
      replacementBlockhash: replace ? { blockhash: bank.hash, lastValidBlockHeight } : null,
    })
  },
  getFeeForMessage: (node, params) => {
    const bytes = decodeBytes(params.text(0), 'base64', MESSAGE_TYPE)
    const message = parsed(MESSAGE_TYPE, () => parseMessage(bytes))
    const bank = bankOf(node, params.config(1))
    return inContext(bank.slot, node.chain.lastValidHeight(message.recentBlockhash, bank) === undefined ? null : feeOf(message))
  },
  requestAirdrop: (node, params) => requestAirdrop(node.chain, params.atLeast(2).address(0), params.integer(1)),
}

/** The faucet's transfer, on its way to a block. Returns its signature. */
export function requestAirdrop(chain: Chain, address: string, lamports: number): string {
  const { hash: blockhash } = chain.head
  for (let variant = 0; ; variant++) {
    const transaction = parseTransaction(chain.faucet.transfer(address, BigInt(lamports), { blockhash, variant }))
    if (chain.mempool.has(signatureOf(transaction))) continue
    chain.mempool.add(transaction)
    return signatureOf(transaction)
  }
}

interface Trial {
  readonly failure: TransactionFailure | null
  /** Undefined: it was not run. */
  readonly outcome: Outcome | undefined
}

interface Terms {
  readonly bank: Block
  readonly verify: boolean
  readonly replace: boolean
}

function simulate(chain: Chain, transaction: WireTransaction, { bank, verify, replace }: Terms): Trial {
  if (verify && !chain.isSigned(transaction)) return { failure: 'SignatureFailure', outcome: undefined }
  const failure = chain.precheck(transaction, bank)
  if (failure !== undefined && !(replace && failure === 'BlockhashNotFound')) return { failure, outcome: undefined }
  const outcome = chain.machine.simulate(transaction)
  return { failure: outcome.failure, outcome }
}

interface Preflight {
  readonly bank: Block
  readonly behindSlots: number | undefined
}

/** @throws RpcError -32002 with the logs, or -32005 */
function preflight(chain: Chain, transaction: WireTransaction, { bank, behindSlots }: Preflight): void {
  const signed = chain.isSigned(transaction)
  if (signed && behindSlots !== undefined) throw nodeBehind(behindSlots)
  const trial = simulate(chain, transaction, { bank, verify: true, replace: false })
  if (trial.failure === null) return
  throw preflightFailure(`Transaction simulation failed: ${failureText(trial.failure)}`, encodeTrial(trial))
}

function encodeTrial({ failure, outcome }: Trial): object {
  return {
    accounts: null,
    err: failure,
    fee: outcome === undefined || (failure !== null && FEELESS.has(failure)) ? null : outcome.fee,
    innerInstructions: null,
    loadedAccountsDataSize: outcome === undefined || (failure !== null && FEELESS.has(failure)) ? 0 : outcome.loadedSize,
    loadedAddresses: null,
    logs: outcome?.logs ?? [],
    postBalances: null,
    postTokenBalances: null,
    preBalances: null,
    preTokenBalances: null,
    replacementBlockhash: null,
    returnData: outcome?.returned === undefined ? null : encodeReturned(outcome.returned),
    unitsConsumed: outcome?.units ?? 0,
  }
}

function encodeBalances({ before, after }: Outcome): object {
  return { postBalances: after.map(Number), postTokenBalances: [], preBalances: before.map(Number), preTokenBalances: [] }
}

function decodeTransaction(text: string, encoding: string): WireTransaction {
  if (encoding !== 'base58' && encoding !== 'base64') {
    throw invalidParams(`unsupported encoding: ${encoding}. Supported encodings: base58, base64`)
  }
  const bytes = decodeBytes(text, encoding, TRANSACTION_TYPE)
  return parsed(TRANSACTION_TYPE, () => parseTransaction(bytes))
}

function decodeBytes(text: string, encoding: 'base58' | 'base64', type: string): Uint8Array {
  const limit = LIMITS[encoding]
  if (text.length > limit) {
    throw invalidParams(`${encoding} encoded ${type} too large: ${text.length} bytes (max: encoded/raw ${limit}/${LIMITS.raw})`)
  }
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
  const bytes = encoding === 'base58' ? fromBase58(text) : isBase64 ? Buffer.from(text, 'base64') : undefined
  if (bytes === undefined) throw invalidParams(`invalid ${encoding} encoding: InvalidByte`)
  if (bytes.length > LIMITS.raw) throw invalidParams(`decoded ${type} too large: ${bytes.length} bytes (max: ${LIMITS.raw} bytes)`)
  return bytes
}

function parsed<T>(type: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof MalformedTransaction) throw invalidParams(`failed to deserialize ${type}: ${error.message}`)
    throw error
  }
}
