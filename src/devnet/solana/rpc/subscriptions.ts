import { signatureOf } from '../chain/block.js'
import type { Block, Commitment } from '../chain/block.js'
import type { Chain, ChainListener } from '../chain/chain.js'
import { checkAddress, checkSignature, isRecord } from './params.js'
import type { Config, Params } from './params.js'
import { RpcError, invalidParams, methodNotFound } from './rpc-error.js'
import { encodeAccount } from './state-methods.js'

/** What a subscription says of a block that reached its commitment: none, one or several results, and whether it is over. */
interface Topic {
  readonly name: 'logs' | 'signature' | 'account' | 'slot' | 'root'
  readonly commitment: Commitment
  results(block: Block): readonly unknown[]
  /** It ends with its first result. */
  readonly once?: boolean
}

interface Subscription {
  readonly id: number
  readonly topic: Topic
  readonly listener: Subscriber
}

/** One websocket. */
export interface Subscriber {
  send(text: string): void
}

/** Who is told what, of one chain. A rolled back block's successors are told anew. */
export class Subscriptions implements ChainListener {
  readonly #chain: Chain
  readonly #active = new Map<number, Subscription>()
  /** The heights up to which each commitment was told. */
  readonly #told: Record<Commitment, number>
  #next = 0

  constructor(chain: Chain) {
    this.#chain = chain
    this.#told = { processed: chain.head.height, confirmed: chain.at('confirmed').height, finalized: chain.at('finalized').height }
    chain.listen(this)
  }

  /** @throws RpcError */
  answer(listener: Subscriber, method: string, params: Params): unknown {
    const [, name = '', verb] = /^([a-z]+)(Subscribe|Unsubscribe)$/.exec(method) ?? []
    const make = TOPICS[name]
    if (make === undefined) throw methodNotFound()
    if (verb === 'Unsubscribe') {
      const id = params.integer(0)
      if (this.#active.get(id)?.listener !== listener) throw invalidParams('Invalid subscription id.')
      return this.#active.delete(id)
    }
    const subscription = { id: this.#next++, topic: make(this.#chain, params), listener }
    this.#active.set(subscription.id, subscription)
    if (subscription.topic.once === true) setImmediate(() => this.#tellPast(subscription))
    return subscription.id
  }

  leave(listener: Subscriber): void {
    for (const [id, subscription] of this.#active) if (subscription.listener === listener) this.#active.delete(id)
  }

  onBlock(): void {
    for (const commitment of ['processed', 'confirmed', 'finalized'] as const) {
      for (const newest = this.#chain.at(commitment).height; this.#told[commitment] < newest;) {
        const block = this.#chain.blockOfHeight(++this.#told[commitment])
        if (block !== undefined) this.#tell(commitment, block)
      }
    }
  }

  onRollBack(): void {
    for (const commitment of ['processed', 'confirmed', 'finalized'] as const) {
      this.#told[commitment] = Math.min(this.#told[commitment], this.#chain.at(commitment).height)
    }
  }

  #tell(commitment: Commitment, block: Block): void {
    for (const subscription of this.#active.values()) {
      if (subscription.topic.commitment === commitment) this.#notify(subscription, block)
    }
  }

  /** A signature's subscription is also answered when it has long landed. */
  #tellPast(subscription: Subscription): void {
    const { topic } = subscription
    for (const block of this.#chain.blocksUpTo(topic.commitment)) if (this.#active.has(subscription.id)) this.#notify(subscription, block)
  }

  #notify({ id, topic, listener }: Subscription, block: Block): void {
    for (const result of topic.results(block)) {
      if (topic.once === true) this.#active.delete(id)
      listener.send(JSON.stringify({ jsonrpc: '2.0', method: `${topic.name}Notification`, params: { result, subscription: id } }))
    }
  }
}

const TOPICS: Readonly<Record<string, (chain: Chain, params: Params) => Topic>> = {
  slot: (chain) => ({
    name: 'slot',
    commitment: 'processed',
    results: ({ slot, parentSlot }) => [{ slot, parent: parentSlot, root: chain.at('finalized').slot }],
  }),
  root: () => ({ name: 'root', commitment: 'finalized', results: ({ slot }) => [slot] }),
  logs: (_, params) => {
    const mentioned = readFilter(params.raw(0))
    return {
      name: 'logs',
      commitment: params.config(1).commitment(),
      results: (block) =>
        block.landed
          .filter(({ transaction }) => mentioned === undefined || transaction.accountKeys.includes(mentioned))
          .map(({ transaction, outcome }) =>
            valued(block, { signature: signatureOf(transaction), err: outcome.failure, logs: outcome.logs }),
          ),
    }
  },
  signature: (_, params) => {
    const signature = readSignature(params.text(0))
    return {
      name: 'signature',
      commitment: params.config(1).commitment(),
      once: true,
      results: (block) => {
        const landed = block.landed.find(({ transaction }) => signatureOf(transaction) === signature)
        return landed === undefined ? [] : [valued(block, { err: landed.outcome.failure })]
      },
    }
  },
  account: (chain, params) => {
    const address = checkAddress(params.text(0))
    const config: Config = params.config(1)
    const commitment = config.commitment()
    return {
      name: 'account',
      commitment,
      results: (block) => {
        const changed = block.landed.some(({ transaction, outcome }) => {
          const index = transaction.accountKeys.indexOf(address)
          return index !== -1 && outcome.before[index] !== outcome.after[index]
        })
        return changed ? [valued(block, encodeAccount(chain.account(address, commitment), config))] : []
      },
    }
  },
}

function valued({ slot }: Block, value: unknown): object {
  return { context: { slot }, value }
}

/** The one address that logs must mention; undefined for all. */
function readFilter(filter: unknown): string | undefined {
  if (filter === 'all' || filter === 'allWithVotes') return undefined
  const mentions: unknown = isRecord(filter) ? filter['mentions'] : undefined
  if (!Array.isArray(mentions)) throw invalidParams('Invalid params: expected `all`, `allWithVotes` or `mentions`.')
  const list: readonly unknown[] = mentions
  const [address] = list
  if (mentions.length !== 1 || typeof address !== 'string') throw invalidParams('Invalid Request: Only 1 address supported')
  return checkAddress(address)
}

function readSignature(text: string): string {
  try {
    return checkSignature(text)
  } catch (error) {
    if (error instanceof RpcError) throw invalidParams('Invalid Request: Invalid signature provided')
    throw error
  }
}
