import type { Block, Commitment } from '../chain/block.js'
import type { Chain } from '../chain/chain.js'
import type { Switches } from '../switches.js'
import type { Config, Params } from './params.js'
import { contextTooOld } from './rpc-error.js'

/** What the calls are answered from. The chain may be exchanged. */
export interface RpcNode {
  readonly chain: Chain
  readonly switches: Switches
}

export type RpcMethod = (node: RpcNode, params: Params) => unknown

/** The version that the answers have the shape of. */
export const API_VERSION = '4.1.2'

/** The block that a call asks about. @throws RpcError -32016 where the caller has seen a newer one */
export function bankOf({ chain }: RpcNode, config: Config, fallback?: Commitment): Block {
  const bank = chain.at(config.commitment('commitment', fallback))
  const wanted = config.integer('minContextSlot')
  if (wanted !== undefined && bank.slot < wanted) throw contextTooOld(bank.slot)
  return bank
}

export function inContext(slot: number, value: unknown): object {
  return { context: { apiVersion: API_VERSION, slot }, value }
}
