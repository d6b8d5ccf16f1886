import { isSpiceTimeError, SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Platform } from '../../platform/platform.js'
import { calledOff, EndpointTrouble, rateLimitedMessage, rpcFailure, solanaError, stopped } from './solana-errors.js'
import type { RpcError } from './solana-errors.js'
import { genesisHash } from './rpc-requests.js'
import type { RpcRequest } from './rpc-requests.js'
import { waitFor } from './waiting.js'

export interface RpcParts {
  /** The preferred one first. */
  readonly endpoints: readonly [string, ...string[]]
  readonly platform: Platform
  /** Told the genesis hash of an endpoint before it is used, anew after each failure of it; throws to have it left out. */
  readonly accept?: (genesis: string) => void
  /** Default: the global one. */
  readonly fetch?: typeof fetch
}

export interface CallOptions {
  readonly signal?: AbortSignal
  /** Asks the endpoint right before whether it still serves the same chain. */
  readonly sameChain?: boolean
  /** No second try: what is asked for would be done twice. */
  readonly once?: boolean
}

interface Endpoint {
  readonly url: string
  /** Without path and query, which may hold a provider's key. */
  readonly host: string
  failures: number
  restUntil: number
  accepted: boolean
}

const TIMEOUT = 15_000
const FIRST_REST = 500
const LONGEST_REST = 60_000
/** A call that would have to wait longer fails instead, and whoever called tries again. */
const LONGEST_WAIT = 20_000
const TRIES_BEYOND_ENDPOINTS = 3

/**
 * JSON-RPC over HTTP to endpoints of one cluster. An endpoint that fails rests, ever longer, while the others serve; so a call fails only once
 * each of them was tried, or with an answer that all of them would give.
 */
export class SolanaRpc {
  readonly #parts: RpcParts
  readonly #endpoints: readonly Endpoint[]
  readonly #closing = new AbortController()
  #count = 0
  #calls = 0

  constructor(parts: RpcParts) {
    this.#parts = parts
    this.#endpoints = parts.endpoints.map((url) => ({ url, host: new URL(url).host, failures: 0, restUntil: 0, accepted: false }))
  }

  /** Requests that were made. */
  get contacts(): number {
    return this.#count
  }

  /** The endpoint that would be asked now, without what may be secret of its address. */
  get endpoint(): string {
    return this.#next().host
  }

  /**
   * @throws SpiceTimeError NETWORK_UNAVAILABLE, NETWORK_RATE_LIMITED, NETWORK_BEHIND, NETWORK_UNAUTHORIZED, NETWORK_VERSION_UNSUPPORTED,
   * NETWORK_EXCHANGED, NETWORK_NOT_CONNECTED (closed), ABORTED; and what the request itself can fail with
   */
  async call<T>(request: RpcRequest<T>, { signal, sameChain = false, once = false }: CallOptions = {}): Promise<T> {
    const tries = once ? 1 : this.#endpoints.length + TRIES_BEYOND_ENDPOINTS
    for (let left = tries - 1; ; left--) {
      const endpoint = this.#next()
      try {
        if (sameChain) endpoint.accepted = false
        await this.#accept(endpoint, signal)
        const answer = await this.#ask(endpoint, request, signal)
        endpoint.failures = 0
        return answer
      } catch (error) {
        if (!(error instanceof EndpointTrouble)) throw error
        this.#rest(endpoint, error)
        const wait = this.#next().restUntil - this.#parts.platform.now()
        if (left <= 0 || wait > LONGEST_WAIT) throw error.failure
        if (wait > 0) await this.#wait(wait, signal)
      }
    }
  }

  /** Every call that is under way, and every later one, fails. */
  close(): void {
    this.#closing.abort()
  }

  /** The first endpoint that is not resting; else the one that is the first to be rested. */
  #next(): Endpoint {
    const now = this.#parts.platform.now()
    return this.#endpoints.reduce((best, endpoint) => (Math.max(endpoint.restUntil, now) < Math.max(best.restUntil, now) ? endpoint : best))
  }

  #rest(endpoint: Endpoint, { rest }: EndpointTrouble): void {
    const { platform } = this.#parts
    const now = platform.now()
    endpoint.accepted = false
    // Of many calls that fail together, one counts.
    if (endpoint.restUntil > now && rest === undefined) return
    endpoint.failures++
    const whole = Math.min(LONGEST_REST, FIRST_REST * 2 ** Math.min(endpoint.failures, 10))
    const [chance = 0] = platform.randomBytes(1)
    endpoint.restUntil = now + (rest ?? Math.round(whole / 2 + (whole / 2) * (chance / 256)))
  }

  async #accept(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<void> {
    const { accept } = this.#parts
    if (endpoint.accepted || accept === undefined) return
    const genesis = await this.#ask(endpoint, genesisHash(), signal)
    try {
      accept(genesis)
    } catch (error) {
      if (isSpiceTimeError(error, 'NETWORK_EXCHANGED')) throw new EndpointTrouble(error)
      throw error
    }
    endpoint.accepted = true
  }

  async #ask<T>(endpoint: Endpoint, { method, params, parse }: RpcRequest<T>, signal: AbortSignal | undefined): Promise<T> {
    const answer = await this.#post(endpoint, { jsonrpc: '2.0', id: ++this.#calls, method, params }, signal)
    if (answer.error !== undefined) throw rpcFailure(answer.error, { endpoint: endpoint.host, method })
    try {
      return parse(answer.result)
    } catch (error) {
      throw unavailable(endpoint, `answered ${method} in a form that is not understood`, error)
    }
  }

  async #post(endpoint: Endpoint, body: RpcCall, signal: AbortSignal | undefined): Promise<RpcAnswer> {
    this.#checkWanted(signal)
    const { platform } = this.#parts
    const doFetch = this.#parts.fetch ?? fetch
    const controller = new AbortController()
    const cancel = platform.after(TIMEOUT, () => controller.abort(new Error(`no answer within ${TIMEOUT} ms`)))
    const signals = [controller.signal, this.#closing.signal, ...(signal === undefined ? [] : [signal])]
    this.#count++
    try {
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.any(signals),
      }
      const response = await doFetch(endpoint.url, init)
      if (!response.ok) throw httpTrouble(endpoint, response)
      return parseAnswer(await response.json())
    } catch (error) {
      this.#checkWanted(signal)
      if (error instanceof EndpointTrouble) throw error
      throw unavailable(endpoint, `gave no answer to ${body.method}`, controller.signal.aborted ? controller.signal.reason : error)
    } finally {
      cancel()
    }
  }

  async #wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    const signals = [this.#closing.signal, ...(signal === undefined ? [] : [signal])]
    await waitFor(this.#parts.platform, milliseconds, AbortSignal.any(signals))
    this.#checkWanted(signal)
  }

  #checkWanted(signal: AbortSignal | undefined): void {
    if (signal?.aborted === true) throw calledOff(signal.reason)
    if (this.#closing.signal.aborted) throw stopped()
  }
}

interface RpcCall {
  readonly jsonrpc: '2.0'
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}

interface RpcAnswer {
  readonly result?: unknown
  readonly error?: RpcError
}

/** @throws Error on what is no answer of JSON-RPC */
function parseAnswer(foreign: unknown): RpcAnswer {
  if (typeof foreign !== 'object' || foreign === null) throw new Error('the answer is no object')
  if ('error' in foreign && foreign.error !== null && foreign.error !== undefined) return { error: parseError(foreign.error) }
  if ('result' in foreign) return { result: foreign.result }
  throw new Error('the answer has neither result nor error')
}

function parseError(foreign: unknown): RpcError {
  if (typeof foreign !== 'object' || foreign === null || !('code' in foreign) || typeof foreign.code !== 'number')
    throw new Error('the error has no code')
  const message = 'message' in foreign && typeof foreign.message === 'string' ? foreign.message : 'no message'
  return { code: foreign.code, message, ...('data' in foreign ? { data: foreign.data } : {}) }
}

function httpTrouble(endpoint: Endpoint, response: Response): EndpointTrouble {
  const context = { endpoint: endpoint.host, status: response.status }
  if (response.status === 429)
    return new EndpointTrouble(solanaError('NETWORK_RATE_LIMITED', rateLimitedMessage(endpoint.host), context), retryAfter(response))
  if (response.status === 401 || response.status === 403) {
    const message = `The Solana endpoint ${endpoint.host} does not let this app in (${response.status}). Check its address and key, and the origins that it allows.`
    return new EndpointTrouble(solanaError('NETWORK_UNAUTHORIZED', message, context))
  }
  return unavailable(endpoint, `answered with HTTP status ${response.status}`)
}

/** Milliseconds by the header `Retry-After` in seconds (RFC 9110, section 10.2.3); a date gets the rest of any failure. */
function retryAfter(response: Response): number | undefined {
  const header = response.headers.get('retry-after')?.trim() ?? ''
  return /^\d{1,9}$/.test(header) ? Math.min(Number(header) * 1_000, LONGEST_REST) : undefined
}

function unavailable({ host }: Endpoint, what: string, cause?: unknown): EndpointTrouble {
  const message = `The Solana endpoint ${host} ${what}. It is tried again; check the connection and its address.`
  return new EndpointTrouble(new SpiceTimeError('NETWORK_UNAVAILABLE', message, { network: 'solana', endpoint: host }, cause))
}
