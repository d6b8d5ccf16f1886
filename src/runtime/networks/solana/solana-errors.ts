import type { ErrorCode } from '../../errors/codes.js'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { ErrorContext } from '../../errors/spice-time-error.js'
import type { EventId } from '../../model/event.js'
import type { ProviderEvent } from '../provider.js'

/** What a JSON-RPC endpoint answered in place of a result: https://www.jsonrpc.org/specification#error_object */
export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** https://github.com/anza-xyz/agave/blob/master/rpc-client-types/src/custom_error.rs */
const PREFLIGHT_FAILED = -32002
const SIGNATURE_WRONG = -32003
const NODE_UNHEALTHY = -32005
const SLOT_NOT_REACHED = -32016
const METHOD_UNKNOWN = -32601
const PARAMS_WRONG = -32602
/** Not Solana's: providers use both. */
const RATE_LIMITS: readonly number[] = [429, -32429]

const UNFUNDED: readonly string[] = ['AccountNotFound', 'InsufficientFundsForFee', 'InsufficientFundsForRent', 'InvalidAccountForFee']
const EXPIRED: readonly string[] = ['BlockhashNotFound']
/** Passes when those who use the account leave room again. */
const BUSY: readonly string[] = ['AccountInUse', 'WouldExceedMaxBlockCostLimit', 'WouldExceedMaxAccountCostLimit', 'ClusterMaintenance']

/** A failure of one endpoint, after which another one may serve. */
export class EndpointTrouble extends Error {
  constructor(
    readonly failure: SpiceTimeError,
    /** Milliseconds that it asks to be left alone. */
    readonly rest?: number,
  ) {
    super(failure.message)
  }
}

/** What an error answer means: trouble of this endpoint, or a failure that every endpoint would give. */
export function rpcFailure(
  error: RpcError,
  asked: { readonly endpoint: string; readonly method: string },
): EndpointTrouble | SpiceTimeError {
  const { endpoint, method } = asked
  const context = { network: 'solana', endpoint, method, rpcCode: error.code }
  const said = error.message.slice(0, 200)
  const trouble = (code: ErrorCode, message: string): EndpointTrouble =>
    new EndpointTrouble(new SpiceTimeError(code, message, context, error))
  if (RATE_LIMITS.includes(error.code)) return trouble('NETWORK_RATE_LIMITED', rateLimitedMessage(endpoint))
  if (error.code === NODE_UNHEALTHY || error.code === SLOT_NOT_REACHED)
    return trouble(
      'NETWORK_BEHIND',
      `The Solana node ${endpoint} is behind its cluster (${said}). It is asked again later; name another endpoint to go on at once.`,
    )
  if (error.code === METHOD_UNKNOWN)
    return trouble('NETWORK_VERSION_UNSUPPORTED', `The Solana endpoint ${endpoint} has no method ${method}. Name another endpoint.`)
  if (error.code === PREFLIGHT_FAILED) return transactionFailure(transactionErrorOf(error.data), said)
  if (error.code === PARAMS_WRONG || error.code === SIGNATURE_WRONG)
    return new SpiceTimeError('NETWORK_REFUSED', `The Solana endpoint ${endpoint} refuses ${method}: ${said}.`, context, error)
  return trouble('NETWORK_UNAVAILABLE', `The Solana endpoint ${endpoint} could not do ${method}: ${said}. It is tried again.`)
}

function transactionErrorOf(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'err' in data ? data.err : undefined
}

/** The name of a transaction's error: `'AccountNotFound'`, or the one key of `{ InstructionError: [1, …] }`. */
export function transactionErrorName(error: unknown): string {
  if (typeof error === 'string') return error
  return typeof error === 'object' && error !== null ? (Object.keys(error)[0] ?? 'unknown') : 'unknown'
}

/** What it means that a transaction failed in a simulation or on the chain. */
export function transactionFailure(error: unknown, detail: string, payer?: string): SpiceTimeError {
  const name = transactionErrorName(error)
  const context = { transactionError: name, ...(payer === undefined ? {} : { address: payer }) }
  if (UNFUNDED.includes(name)) return unfunded(payer)
  if (EXPIRED.includes(name))
    return solanaError('NETWORK_EXPIRED', "The transaction's blockhash is too old or not known to the node. It is built anew.", context)
  if (BUSY.includes(name))
    return solanaError('NETWORK_UNAVAILABLE', `The Solana cluster has no room now (${name}). It is tried again.`, context)
  return solanaError(
    'NETWORK_REFUSED',
    `Solana refuses the transaction: ${name} (${detail.slice(0, 200)}). Report this with the version of the cluster's programs.`,
    context,
  )
}

export function unfunded(payer?: string): SpiceTimeError {
  const who = payer === undefined ? 'The payer' : `The account ${payer}, which pays for this device's events,`
  return solanaError(
    'NETWORK_UNFUNDED',
    `${who} has too few lamports on this Solana cluster. Send it some (0.01 SOL pays for some 2,000 transactions); on devnet and testnet from https://faucet.solana.com.`,
    payer === undefined ? {} : { address: payer },
  )
}

export function rateLimitedMessage(endpoint: string): string {
  return `The Solana endpoint ${endpoint} has had too many requests (429). It is asked again later; name an endpoint of your own for more.`
}

/** Too large for a list too. */
export function tooLarge(event: EventId, bytes: number, limit: number): SpiceTimeError {
  return solanaError(
    'NETWORK_REFUSED',
    `The event ${event} has ${bytes} bytes; Solana takes at most ${limit} of one event. Make the value smaller, or split it over several documents.`,
    { event, bytes, limit },
  )
}

/** Too large for a memo even alone, and nothing keeps lists now. */
export function waitsForStorage({ id: event, bytes }: ProviderEvent, limit: number, reason: string): SpiceTimeError {
  return solanaError(
    'NETWORK_NOT_CONNECTED',
    `The event ${event} has ${bytes.length} bytes, more than the ${limit} that surely fit into a Solana transaction. It waits for storage, which would keep it in a list: ${reason}`,
    { event, bytes: bytes.length, limit },
  )
}

export function calledOff(reason: unknown): SpiceTimeError {
  return new SpiceTimeError('ABORTED', 'The call to Solana was called off.', { network: 'solana' }, reason)
}

export function stopped(): SpiceTimeError {
  return solanaError(
    'NETWORK_NOT_CONNECTED',
    'The network solana is not started, or was stopped meanwhile; events queue until it is started.',
  )
}

export function notConfigured(): SpiceTimeError {
  return solanaError(
    'NETWORK_NOT_CONNECTED',
    "The app has named no Solana cluster. Deliveries queue durably on this device; connect({ networks: { solana: { cluster: 'devnet' } } }) sends them.",
  )
}

export function notAsked(): SpiceTimeError {
  return solanaError('NETWORK_NOT_CONNECTED', 'No space of this device has asked for consensus yet; Solana is contacted when one does.')
}

export function solanaError(code: ErrorCode, message: string, context: ErrorContext = {}): SpiceTimeError {
  return new SpiceTimeError(code, message, { network: 'solana', ...context })
}
