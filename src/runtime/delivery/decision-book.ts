import { decodeFields, encode } from '../codec/dag-cbor.js'
import type { Candidate, Decision, Leg, PolicyWeights } from '../model/decision.js'
import { isNetwork, isRequirement } from '../model/network.js'
import { isValueList, isValueMap } from '../model/value.js'
import type { Value } from '../model/value.js'
import type { Policy } from '../routing/network-router.js'
import type { Store, StoreChange } from '../storage/store.js'
import { deliveryKeys, positionIn } from './delivery-keys.js'

/** A decision without its time: what events that were routed alike share. */
export type SharedDecision = Omit<Decision, 'at'>

const MAX_CACHED = 256

/** Keeps each different decision once; events refer to it by its number. */
export class DecisionBook {
  readonly #store: Store
  readonly #byContent = new Map<string, number>()
  readonly #byNumber = new Map<number, SharedDecision>()
  #last = 0

  private constructor(store: Store) {
    this.#store = store
  }

  static async open(store: Store): Promise<DecisionBook> {
    const book = new DecisionBook(store)
    for await (const page of store.range({ ...deliveryKeys.decisions, reverse: true, limit: 1 }))
      for (const [key] of page) book.#last = positionIn(key)
    return book
  }

  /** The decision's number; a new one is written with the transaction. */
  numberOf({ policy, legs }: SharedDecision, changes: StoreChange[]): number {
    const content = JSON.stringify([policy, legs])
    const known = this.#byContent.get(content)
    if (known !== undefined) return known
    if (this.#byContent.size >= MAX_CACHED) this.forget()
    const number = ++this.#last
    this.#byContent.set(content, number)
    changes.push([deliveryKeys.decision(number), encode(encodable({ policy, legs }))])
    return number
  }

  async read(number: number): Promise<SharedDecision | undefined> {
    const cached = this.#byNumber.get(number)
    if (cached !== undefined) return cached
    const row = await this.#store.get(deliveryKeys.decision(number))
    if (row === undefined) return undefined
    const decision = parseDecision(decodeFields(row))
    if (this.#byNumber.size >= MAX_CACHED) this.#byNumber.clear()
    this.#byNumber.set(number, decision)
    return decision
  }

  /** After a transaction failed: what it was to write is written anew, under new numbers. */
  forget(): void {
    this.#byContent.clear()
    this.#byNumber.clear()
  }
}

function encodable({ policy, legs }: SharedDecision) {
  return {
    policy: typeof policy === 'string' ? policy : { cost: policy.cost, latency: policy.latency, success: policy.success },
    legs: legs.map(({ requirement, network, reason, candidates }) => ({
      requirement,
      network,
      reason,
      candidates: candidates.map((candidate) => ({ ...candidate })),
    })),
  }
}

function parseDecision({ policy, legs }: { readonly [key: string]: Value }): SharedDecision {
  return { policy: parsePolicy(policy), legs: isValueList(legs) ? legs.flatMap(parseLeg) : [] }
}

function parsePolicy(value: Value | undefined): Policy {
  if (value === 'cheap' || value === 'fast' || value === 'balanced') return value
  return isValueMap(value) ? parseWeights(value) : 'balanced'
}

function parseWeights({ cost, latency, success }: { readonly [key: string]: Value }): PolicyWeights {
  return { cost: numberIn(cost), latency: numberIn(latency), success: numberIn(success) }
}

function parseLeg(value: Value): Leg[] {
  if (!isValueMap(value) || !isRequirement(value['requirement']) || typeof value['reason'] !== 'string') return []
  const { requirement, network, reason, candidates } = value
  const looked = isValueList(candidates) ? candidates.flatMap(parseCandidate) : []
  return [{ requirement, ...(isNetwork(network) ? { network } : {}), candidates: looked, reason }]
}

function parseCandidate(value: Value): Candidate[] {
  if (!isValueMap(value) || !isNetwork(value['network'])) return []
  const { network, score, cost, latency, success, ruledOut } = value
  return [
    {
      network,
      cost: numberIn(cost),
      latency: numberIn(latency),
      success: numberIn(success),
      ...(typeof score === 'number' ? { score } : {}),
      ...(typeof ruledOut === 'string' ? { ruledOut } : {}),
    },
  ]
}

function numberIn(value: Value | undefined): number {
  return typeof value === 'number' ? value : 0
}
