import { encode } from './codec/dag-cbor.js'
import { SpiceTimeError } from './errors/spice-time-error.js'
import type { PolicyName, PolicyWeights } from './model/decision.js'
import { isNetwork } from './model/network.js'
import type { NetworkBudget, RoutingPolicy } from './model/routing-policy.js'
import type { Value } from './model/value.js'
import { POLICY_ROW } from './routing-policy.js'
import type { StoreChange } from './storage/store.js'

type Fields = Readonly<Record<string, unknown>>

const LIMITS = ['lamportsPerDay', 'bytes', 'requestsPerSecond'] as const
const WEIGHTS = ['cost', 'latency', 'success'] as const
const NAMES: readonly PolicyName[] = ['cheap', 'fast', 'balanced']

/**
 * Reads what an app or a stored row says of routing.
 * @throws SpiceTimeError SETTINGS_MALFORMED, naming what can't be used
 */
export function parseRoutingPolicy(foreign: unknown): RoutingPolicy {
  const { prefer, budgets } = fieldsOf('it', foreign, ['prefer', 'budgets'])
  return {
    ...(prefer === undefined ? {} : { prefer: parsePreference(prefer) }),
    ...(budgets === undefined ? {} : { budgets: parseBudgets(budgets) }),
  }
}

/** The row that keeps it. */
export function policyChange({ prefer, budgets }: RoutingPolicy): StoreChange {
  const fields: { [key: string]: Value } = {}
  if (prefer !== undefined) fields['prefer'] = typeof prefer === 'string' ? prefer : { ...prefer }
  if (budgets !== undefined)
    fields['budgets'] = Object.fromEntries(Object.entries(budgets).map(([network, budget]) => [network, { ...budget }]))
  return [POLICY_ROW, encode(fields)]
}

function parsePreference(foreign: unknown): PolicyName | PolicyWeights {
  const name = NAMES.find((one) => one === foreign)
  if (name !== undefined) return name
  if (typeof foreign === 'string') throw malformed(`'${foreign.slice(0, 40)}' is none of ${NAMES.join(', ')}`)
  const fields = fieldsOf('prefer', foreign, WEIGHTS)
  const [cost, latency, success] = WEIGHTS.map((name_) => weightIn(fields, name_))
  const weights = { cost: cost ?? 0, latency: latency ?? 0, success: success ?? 0 }
  if (weights.cost + weights.latency + weights.success > 0) return weights
  throw malformed('one of its weights must be above 0')
}

function weightIn(fields: Fields, name: string): number {
  const weight = fields[name]
  if (typeof weight === 'number' && weight >= 0 && weight <= Number.MAX_SAFE_INTEGER) return weight
  throw malformed(`the weight '${name}' is not a number of at least 0`)
}

function parseBudgets(foreign: unknown): NonNullable<RoutingPolicy['budgets']> {
  const parsed: [string, NetworkBudget][] = []
  for (const [network, budget] of Object.entries(fieldsOf('budgets', foreign))) {
    if (budget === undefined) continue
    if (!isNetwork(network) || network === 'local') throw malformed(`'${network.slice(0, 40)}' is no network that can have a budget`)
    parsed.push([network, parseBudget(network, budget)])
  }
  return Object.fromEntries(parsed)
}

function parseBudget(network: string, foreign: unknown): NetworkBudget {
  const fields = fieldsOf(`the budget of ${network}`, foreign, LIMITS)
  const limits = LIMITS.flatMap((name) => (fields[name] === undefined ? [] : [[name, limitIn(fields, name)] as const]))
  return Object.fromEntries(limits)
}

function limitIn(fields: Fields, name: string): number {
  const limit = fields[name]
  if (typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 0) return limit
  throw malformed(`'${name}' is not a whole number of at least 0; leave it out for no limit`)
}

function fieldsOf(what: string, foreign: unknown, known?: readonly string[]): Fields {
  if (typeof foreign !== 'object' || foreign === null || Array.isArray(foreign)) throw malformed(`${what} is not a map`)
  const stray = known === undefined ? undefined : Object.keys(foreign).find((key) => !known.includes(key))
  if (stray !== undefined) throw malformed(`${what} has no '${stray.slice(0, 40)}'`)
  return { ...foreign }
}

function malformed(what: string): SpiceTimeError {
  return new SpiceTimeError(
    'SETTINGS_MALFORMED',
    `The routing policy can't be used: ${what}. Give an object such as { prefer: 'cheap', budgets: { solana: { lamportsPerDay: 100000 } } }.`,
  )
}
