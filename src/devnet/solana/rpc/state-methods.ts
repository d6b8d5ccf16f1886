import { toBase58 } from '../chain/base58.js'
import type { AccountState } from '../chain/machine.js'
import { checkAddress, isRecord } from './params.js'
import type { Config } from './params.js'
import { RpcError, invalidParams, nodeBehind } from './rpc-error.js'
import { API_VERSION, bankOf, inContext } from './rpc-node.js'
import type { RpcMethod } from './rpc-node.js'

const FEATURE_SET = 3_345_198_602
const SLOTS_IN_EPOCH = 432_000
const MAX_ACCOUNTS = 100
const MAX_BASE58_BYTES = 128

/** What the present is asked: the node, its slots, accounts. */
export const stateMethods: Readonly<Record<string, RpcMethod>> = {
  getHealth: ({ switches }) => {
    if (switches.behindSlots !== undefined) throw nodeBehind(switches.behindSlots)
    return 'ok'
  },
  getVersion: () => ({ 'feature-set': FEATURE_SET, 'solana-core': API_VERSION }),
  getGenesisHash: ({ chain }) => chain.genesisHash,
  getSlot: (node, params) => bankOf(node, params.config(0)).slot,
  getBlockHeight: (node, params) => bankOf(node, params.config(0)).height,
  getEpochInfo: (node, params) => {
    const { slot, height } = bankOf(node, params.config(0))
    const [epoch, slotIndex] = [Math.floor(slot / SLOTS_IN_EPOCH), slot % SLOTS_IN_EPOCH]
    return { absoluteSlot: slot, blockHeight: height, epoch, slotIndex, slotsInEpoch: SLOTS_IN_EPOCH, transactionCount: height }
  },
  getLatestBlockhash: (node, params) => {
    const bank = bankOf(node, params.config(0))
    return inContext(bank.slot, { blockhash: bank.hash, lastValidBlockHeight: node.chain.lastValidHeight(bank.hash, bank) })
  },
  isBlockhashValid: (node, params) => {
    const blockhash = readHash(params.text(0))
    const bank = bankOf(node, params.config(1))
    return inContext(bank.slot, node.chain.lastValidHeight(blockhash, bank) !== undefined)
  },
  getBalance: (node, params) => {
    const address = params.address(0)
    const config = params.config(1)
    const account = node.chain.account(address, config.commitment())
    return inContext(bankOf(node, config).slot, Number(account?.lamports ?? 0n))
  },
  getAccountInfo: (node, params) => {
    const address = params.address(0)
    const config = params.config(1)
    return inContext(bankOf(node, config).slot, encodeAccount(node.chain.account(address, config.commitment()), config))
  },
  getMultipleAccounts: (node, params) => {
    const addresses = params.texts(0).map(checkAddress)
    if (addresses.length > MAX_ACCOUNTS) throw invalidParams(`Too many inputs provided; max ${MAX_ACCOUNTS}`)
    const config = params.config(1)
    const value = addresses.map((address) => encodeAccount(node.chain.account(address, config.commitment()), config, 'base64'))
    return inContext(bankOf(node, config).slot, value)
  },
  getMinimumBalanceForRentExemption: ({ chain }, params) => chain.machine.rentExemption(params.integer(0)),
}

function readHash(text: string): string {
  try {
    return checkAddress(text)
  } catch {
    // The real one's words for a hash differ from those for an address.
    throw invalidParams('WrongSize')
  }
}

/** As the calls about accounts answer. `jsonParsed` is base64 where nothing is known to parse, as with the real one. */
export function encodeAccount(account: AccountState | undefined, config: Config, fallback?: 'base64'): object | null {
  if (account === undefined) return null
  const encoding = config.text('encoding') ?? fallback
  return {
    data: encodeData(slice(account.data, config.raw('dataSlice')), encoding),
    executable: account.executable,
    lamports: Number(account.lamports),
    owner: account.owner,
    rentEpoch: Number(account.rentEpoch),
    space: account.data.length,
  }
}

function slice(data: Uint8Array, wanted: unknown): Uint8Array {
  if (!isRecord(wanted)) return data
  const { offset, length } = wanted
  if (typeof offset !== 'number' || typeof length !== 'number') throw invalidParams('Invalid params: dataSlice needs offset and length.')
  return data.subarray(offset, offset + length)
}

function encodeData(data: Uint8Array, encoding: string | undefined): unknown {
  if (encoding === 'base64' || encoding === 'jsonParsed') return [Buffer.from(data).toString('base64'), 'base64']
  if (encoding !== undefined && encoding !== 'base58') throw invalidParams(`Invalid params: unknown variant \`${encoding}\`.`)
  if (data.length > MAX_BASE58_BYTES) {
    throw new RpcError(-32600, 'Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.')
  }
  return encoding === undefined ? toBase58(data) : [toBase58(data), 'base58']
}
