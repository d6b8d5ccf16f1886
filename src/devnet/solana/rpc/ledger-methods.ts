import { memoText, signatureOf } from '../chain/block.js'
import type { Block, Landed } from '../chain/block.js'
import type { Chain } from '../chain/chain.js'
import { readBudget } from '../chain/compute-budget.js'
import { isWritable } from '../chain/wire-transaction.js'
import { encodeAccounts, encodeLanded, encodeVersion, readStyle } from './encode-transaction.js'
import type { TransactionStyle } from './encode-transaction.js'
import { checkSignature } from './params.js'
import type { Config } from './params.js'
import { blockNotAvailable, contextTooOld, invalidParams, slotSkipped, transactionNotFound } from './rpc-error.js'
import { inContext } from './rpc-node.js'
import type { RpcMethod } from './rpc-node.js'

const MAX_PAGE = 1000
const MAX_STATUSES = 256
const MAX_SLOT_RANGE = 500_000
/** Statuses of transactions in newer blocks than that are known without a search. */
const STATUS_CACHE_BLOCKS = 300
const FEE_BLOCKS = 150

/** What the chain's past is asked. */
export const ledgerMethods: Readonly<Record<string, RpcMethod>> = {
  getSignatureStatuses: ({ chain }, params) => {
    const signatures = params.texts(0)
    if (signatures.length > MAX_STATUSES) throw invalidParams(`Too many inputs provided; max ${MAX_STATUSES}`)
    const search = params.config(1).flag('searchTransactionHistory') ?? false
    const value = signatures.map((signature) => status(chain, checkSignature(signature), search))
    return inContext(chain.head.slot, value)
  },
  getSignaturesForAddress: ({ chain }, params) => {
    const address = params.address(0)
    const config = params.config(1)
    const bank = chain.at(config.settledCommitment())
    const limit = config.integer('limit') ?? MAX_PAGE
    if (limit === 0 || limit > MAX_PAGE) throw invalidParams(`Invalid limit; max ${MAX_PAGE}`)
    const wanted = config.integer('minContextSlot')
    if (wanted !== undefined && bank.slot < wanted) throw contextTooOld(bank.slot)
    const [before, until] = [mark(chain, config.text('before')), mark(chain, config.text('until'))]
    return chain.history.page(address, { before, until, limit, newestSlot: bank.slot }).map((landed) => entry(chain, landed))
  },
  getTransaction: ({ chain }, params) => {
    const signature = checkSignature(params.text(0))
    const config = transactionConfig(params.raw(1), () => params.config(1))
    const landed = chain.history.find(signature)
    const newest = chain.at(config?.settledCommitment() ?? 'finalized').slot
    if (landed === undefined || landed.slot > newest) return null
    const style: TransactionStyle =
      config === undefined ? { encoding: readEncoding(params.raw(1)), newestVersion: undefined } : readStyle(config)
    return { blockTime: landed.time, slot: landed.slot, transactionIndex: landed.index, ...encodeLanded(landed, style) }
  },
  getBlock: ({ chain }, params) => {
    const slot = params.integer(0)
    const config = params.config(1)
    return encodeBlock(settledBlock(chain, slot, config), config)
  },
  getBlocks: ({ chain }, params) => {
    const first = params.integer(0)
    const config = params.config(params.optionalInteger(1) === undefined ? 1 : 2)
    const newest = chain.at(config.settledCommitment()).slot
    const last = Math.min(params.optionalInteger(1) ?? first + MAX_SLOT_RANGE, newest)
    if (last - first > MAX_SLOT_RANGE) throw invalidParams(`Slot range too large; max ${MAX_SLOT_RANGE}`)
    return slots(chain, { first, last, limit: Infinity })
  },
  getBlocksWithLimit: ({ chain }, params) => {
    const [first, limit] = [params.integer(0), params.integer(1)]
    if (limit > MAX_SLOT_RANGE) throw invalidParams(`Limit too large; max ${MAX_SLOT_RANGE}`)
    return slots(chain, { first, last: chain.at(params.config(2).settledCommitment()).slot, limit })
  },
  getBlockTime: ({ chain }, params) => {
    const slot = params.integer(0)
    if (slot > chain.head.slot) throw blockNotAvailable(slot)
    return chain.blockAt(slot)?.time ?? null
  },
  getFirstAvailableBlock: () => 0,
  minimumLedgerSlot: () => 0,
  getRecentPrioritizationFees: ({ chain }, params) => {
    const addresses = params.optionalTexts(0)
    if (addresses.length > 128) throw invalidParams('Too many inputs provided; max 128')
    const fees: object[] = []
    for (let slot = Math.max(0, chain.head.slot - FEE_BLOCKS); slot <= chain.head.slot; slot++) {
      const landed = chain.blockAt(slot)?.landed ?? []
      if (landed.length > 0) fees.push({ prioritizationFee: lowestFee(landed, addresses), slot })
    }
    return fees
  },
}

function status(chain: Chain, signature: string, search: boolean): object | null {
  const landed = chain.history.find(signature)
  if (landed === undefined) return null
  const block = chain.blockAt(landed.slot)
  const depth = chain.head.height - (block?.height ?? 0)
  if (!search && depth > STATUS_CACHE_BLOCKS) return null
  const confirmationStatus = chain.commitmentOf(landed)
  const { failure } = landed.outcome
  return {
    confirmationStatus,
    confirmations: confirmationStatus === 'finalized' ? null : depth,
    err: failure,
    slot: landed.slot,
    status: failure === null ? { Ok: null } : { Err: failure },
  }
}

function entry(chain: Chain, landed: Landed): object {
  return {
    blockTime: landed.time,
    confirmationStatus: chain.commitmentOf(landed),
    err: landed.outcome.failure,
    memo: memoText(landed.transaction),
    signature: signatureOf(landed.transaction),
    slot: landed.slot,
    transactionIndex: landed.index,
  }
}

function mark(chain: Chain, signature: string | undefined): Landed | undefined {
  if (signature === undefined) return undefined
  const landed = chain.history.find(checkSignature(signature))
  if (landed === undefined) throw transactionNotFound(signature)
  return landed
}

/** The second parameter may also be the encoding alone. */
function transactionConfig(value: unknown, read: () => Config): Config | undefined {
  return typeof value === 'string' ? undefined : read()
}

function readEncoding(value: unknown): TransactionStyle['encoding'] {
  return value === 'base64' || value === 'base58' || value === 'jsonParsed' ? value : 'json'
}

/** @throws RpcError where there is none that is settled */
function settledBlock(chain: Chain, slot: number, config: Config): Block {
  if (slot > chain.at(config.settledCommitment()).slot) throw blockNotAvailable(slot)
  const block = chain.blockAt(slot)
  if (block === undefined) throw slotSkipped(slot)
  return block
}

function encodeBlock(block: Block, config: Config): object {
  const details = config.text('transactionDetails') ?? 'full'
  const rewards = config.flag('rewards') ?? true
  return {
    blockHeight: block.height,
    blockTime: block.time,
    blockhash: block.hash,
    parentSlot: block.parentSlot,
    previousBlockhash: block.previousHash,
    ...(rewards ? { rewards: [] } : {}),
    ...encodeDetails(block, details, { style: readStyle(config), rewards: rewards ? [] : null }),
  }
}

function encodeDetails(block: Block, details: string, { style, rewards }: { style: TransactionStyle; rewards: [] | null }): object {
  switch (details) {
    case 'full':
      return { transactions: block.landed.map((landed) => encodeLanded(landed, style, rewards)) }
    case 'accounts':
      return { transactions: block.landed.map((landed) => encodeBriefly(landed, style)) }
    case 'signatures':
      return { signatures: block.landed.map(({ transaction }) => signatureOf(transaction)) }
    case 'none':
      return {}
    default:
      throw invalidParams(
        `Invalid params: unknown variant \`${details}\`, expected one of \`full\`, \`signatures\`, \`none\`, \`accounts\`.`,
      )
  }
}

function encodeBriefly({ transaction, outcome }: Landed, style: TransactionStyle): object {
  const { failure, fee, before, after } = outcome
  return {
    meta: {
      err: failure,
      fee,
      postBalances: after.map(Number),
      postTokenBalances: [],
      preBalances: before.map(Number),
      preTokenBalances: [],
      status: failure === null ? { Ok: null } : { Err: failure },
    },
    transaction: { accountKeys: encodeAccounts(transaction), signatures: transaction.signatures },
    ...encodeVersion(transaction, style),
  }
}

function slots(chain: Chain, { first, last, limit }: { readonly first: number; readonly last: number; readonly limit: number }): number[] {
  const found: number[] = []
  for (let slot = first; slot <= last && found.length < limit; slot++) if (chain.blockAt(slot) !== undefined) found.push(slot)
  return found
}

/** The least that got a transaction into the block, and one that writes to the addresses. In micro-lamports a unit. */
function lowestFee(landed: readonly Landed[], addresses: readonly string[]): number {
  const price = ({ transaction }: Landed): number => Number(readBudget(transaction).price)
  const lowest = (list: readonly Landed[]): number => (list.length === 0 ? 0 : Math.min(...list.map(price)))
  const writers = (address: string): Landed[] =>
    landed.filter(({ transaction }) => transaction.accountKeys.some((key, index) => key === address && isWritable(transaction, index)))
  return Math.max(lowest(landed), ...addresses.map((address) => lowest(writers(address))))
}
