import type { CallOptions } from '../solana-rpc.js'
import type { RpcRequest } from '../rpc-requests.js'
import { toBase58 } from '../base58.js'

interface Transaction {
  readonly signature: string
  readonly memos: readonly string[]
  readonly failed: boolean
}

/** How a node answers. */
export interface Habits {
  /** Leaves the memos out of its lists. */
  readonly withoutMemos: boolean
  /** Leaves the index in the slot out of its lists. */
  readonly withoutIndex: boolean
}

/** A chain of one address as a node tells of it, to be driven step by step: what the reading stands on, without a network or a clock. */
export class ModelledChain {
  habits: Habits = { withoutMemos: false, withoutIndex: false }
  calls = 0
  readonly #slots = new Map<number, Transaction[]>()
  #tip = 1
  #final = 0
  #count = 0

  /** Puts transactions into the next slot, in their order. @returns their signatures */
  addSlot(transactions: readonly { readonly memos: readonly string[]; readonly failed?: boolean }[]): readonly string[] {
    const added = transactions.map(({ memos, failed = false }) => ({ signature: `signature${++this.#count}`, memos, failed }))
    this.#slots.set(++this.#tip, added)
    return added.map(({ signature }) => signature)
  }

  /** All but the newest slots become final. */
  finalize(butNewest: number): void {
    this.#final = Math.max(this.#final, this.#tip - butNewest)
  }

  /** Drops the newest slots that are not final. `again`: their transactions land in the next slot, in reverse. */
  rollBack(slots: number, again: boolean): void {
    const dropped = [...this.#slots.keys()].filter((slot) => slot > this.#final && slot > this.#tip - slots)
    const transactions = dropped.flatMap((slot) => this.#slots.get(slot) ?? [])
    for (const slot of dropped) this.#slots.delete(slot)
    this.#tip++
    if (again) this.#slots.set(this.#tip, transactions.toReversed())
  }

  /** Every transaction in the chain's order. */
  transactions(): readonly Transaction[] {
    return [...this.#slots].toSorted(([a], [b]) => a - b).flatMap(([, transactions]) => transactions)
  }

  call<T>({ method, params, parse }: RpcRequest<T>, options: CallOptions = {}): Promise<T> {
    this.calls++
    options.signal?.throwIfAborted()
    // As it would come over the wire.
    return Promise.resolve(parse(JSON.parse(JSON.stringify(this.#answer(method, params)))))
  }

  #answer(method: string, [first, second]: readonly unknown[]): unknown {
    if (method === 'getSignaturesForAddress') return this.#list(second as ListOptions)
    if (method === 'getBlock') return { signatures: (this.#slots.get(Number(first)) ?? []).map(({ signature }) => signature) }
    if (method === 'getTransaction') return this.#transaction(String(first))
    if (method === 'getSignatureStatuses')
      return { context: { slot: this.#tip }, value: (first as string[]).map((signature) => this.#status(signature)) }
    throw new Error(`the model knows no ${method}`)
  }

  #list({ limit, before, until, minContextSlot = 0 }: ListOptions): unknown {
    if (minContextSlot > this.#tip) throw new Error('the model is behind')
    const all = [...this.#slots]
      .toSorted(([a], [b]) => b - a)
      .flatMap(([slot, transactions]) => transactions.map((transaction, index) => ({ slot, index, transaction })).toReversed())
    const start = before === undefined ? 0 : all.findIndex(({ transaction }) => transaction.signature === before) + 1
    const end = all.findIndex(({ transaction }) => transaction.signature === until)
    return all
      .slice(start, end < 0 ? undefined : end)
      .slice(0, limit)
      .map(({ slot, index, transaction: { signature, memos, failed } }) => ({
        signature,
        slot,
        err: failed ? { InstructionError: [0, 'Custom'] } : null,
        memo:
          this.habits.withoutMemos || memos.length === 0 ? null : memos.map((memo) => `[${utf8.encode(memo).length}] ${memo}`).join('; '),
        blockTime: null,
        confirmationStatus: slot <= this.#final ? 'finalized' : 'confirmed',
        ...(this.habits.withoutIndex ? {} : { transactionIndex: index }),
      }))
  }

  #transaction(signature: string): unknown {
    const found = this.transactions().find((transaction) => transaction.signature === signature)
    if (found === undefined) return null
    const instructions = found.memos.map((memo) => ({ programIdIndex: 1, accounts: [], data: toBase58(utf8.encode(memo)) }))
    return { transaction: { message: { accountKeys: ['payer', 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'], instructions } } }
  }

  #status(signature: string): unknown {
    const slot = [...this.#slots].find(([, transactions]) => transactions.some((one) => one.signature === signature))?.[0]
    if (slot === undefined) return null
    return { slot, confirmations: null, err: null, confirmationStatus: slot <= this.#final ? 'finalized' : 'confirmed' }
  }
}

interface ListOptions {
  readonly limit: number
  readonly before?: string
  readonly until?: string
  readonly minContextSlot?: number
}

const utf8 = new TextEncoder()
