import type { ErrorCode } from '../../errors/codes.js'
import { isSpiceTimeError, SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Platform } from '../../platform/platform.js'

export interface PinServiceParts {
  /** Where its API begins. Credentials in it are sent as a header, and kept out of every message. */
  readonly url: string
  /** Default: the host of the URL. */
  readonly name?: string
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string
  readonly platform: Platform
  /** Default: the global one. */
  readonly fetch?: typeof fetch
}

export interface ServiceCall {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** Below the URL, with its query. */
  readonly path: string
  readonly body?: string | FormData
  readonly signal?: AbortSignal | undefined
}

interface FailureFacts {
  readonly cause?: unknown
  readonly status?: number
  /** Milliseconds that the service asks to be left alone. */
  readonly retryAfter?: number
}

/** Milliseconds without a sign of life after which a call has failed. */
const PATIENCE = 20_000
/** A rest that the service asks for is kept here when it is short; else whoever called comes again later. */
const LONGEST_REST = 10_000
const RESTS = 3
const MOST_BYTES = 8 * 1024 * 1024
const MOST_SAID = 200

/** HTTP to one pin service: deadlines, calling off, rests, and what its answers mean. */
export class PinRequests {
  readonly name: string
  readonly #base: URL
  readonly #secrets: readonly string[]
  readonly #authorization: string | undefined
  readonly #parts: PinServiceParts

  constructor(parts: PinServiceParts) {
    this.#parts = parts
    this.#base = new URL(parts.url)
    this.name = parts.name ?? this.#base.host
    const { username, password } = this.#base
    const basic = username === '' ? undefined : btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
    this.#base.username = ''
    this.#base.password = ''
    this.#authorization = parts.token === undefined ? basic && `Basic ${basic}` : `Bearer ${parts.token}`
    this.#secrets = [parts.token, basic, password, decodeURIComponent(password)].filter(
      (secret) => secret !== undefined && secret !== '',
    ) as string[]
  }

  /** The whole answer, which must be JSON unless it is empty. @throws SpiceTimeError as PinService says */
  async json(call: ServiceCall): Promise<unknown> {
    let text = ''
    for await (const piece of this.#pieces(call)) text += piece
    return text.trim() === '' ? undefined : this.#parse(text)
  }

  /**
   * An answer of one JSON value a line, as it comes. `moved` tells which lines are a sign of life; default: each.
   * @throws SpiceTimeError as PinService says
   */
  async *lines(call: ServiceCall, moved: (line: unknown) => boolean = () => true): AsyncGenerator<unknown> {
    let rest = ''
    const wake = { needed: true }
    for await (const piece of this.#pieces(call, wake)) {
      rest += piece
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      wake.needed = false
      for (const line of lines) {
        if (line.trim() === '') continue
        const value = this.#parse(line)
        if (moved(value)) wake.needed = true
        yield value
      }
    }
    if (rest.trim() !== '') yield this.#parse(rest)
  }

  /** @param what completes "The pin service … " */
  failure(code: ErrorCode, what: string, { cause, ...context }: FailureFacts = {}): SpiceTimeError {
    const message = this.#without(`The pin service ${this.name} ${what}`)
    return new SpiceTimeError(code, message, { network: 'ipfs', service: this.name, ...context }, cause)
  }

  /** What answers in no known form is another program, or another version of it. */
  unreadable(cause?: unknown): SpiceTimeError {
    return this.failure('NETWORK_UNAVAILABLE', 'answered in a form that is not understood. Check its address; it is asked again.', {
      cause,
    })
  }

  /** Pieces of the text of a good answer. `wake.needed` says, before each further piece, whether the time without one begins anew. */
  async *#pieces(call: ServiceCall, wake: { needed: boolean } = { needed: true }): AsyncGenerator<string> {
    const { platform } = this.#parts
    const stall = new AbortController()
    const watch = (): (() => void) => platform.after(PATIENCE, () => stall.abort(new Error(`nothing came for ${PATIENCE / 1000} s`)))
    let cancel = watch()
    try {
      const signal = call.signal === undefined ? stall.signal : AbortSignal.any([stall.signal, call.signal])
      const response = await this.#answer(call, signal)
      const decoder = new TextDecoder()
      let bytes = 0
      const reader = response.body?.getReader()
      for (;;) {
        if (wake.needed) {
          cancel()
          cancel = watch()
        }
        const next = await reader?.read()
        if (next === undefined || next.done) break
        bytes += next.value.byteLength
        // A stream of lines may be long; what is not taken from it meanwhile may not.
        if (bytes > MOST_BYTES && call.method !== 'POST') throw this.unreadable()
        yield decoder.decode(next.value, { stream: true })
      }
    } catch (error) {
      if (isSpiceTimeError(error)) throw error
      if (call.signal?.aborted === true)
        throw this.failure('ABORTED', 'was not waited for: the call was called off.', { cause: call.signal.reason })
      const cause: unknown = stall.signal.aborted ? stall.signal.reason : error
      throw this.failure('NETWORK_UNAVAILABLE', 'gave no whole answer. It is asked again; check the connection and its address.', { cause })
    } finally {
      cancel()
      // Whoever stops reading ends the call.
      stall.abort()
    }
  }

  async #answer(call: ServiceCall, signal: AbortSignal): Promise<Response> {
    for (let rests = 0; ; rests++) {
      const response = await this.#send(call, signal)
      if (response.ok) return response
      const said = await this.#reason(response)
      const rest = retryAfter(response)
      if (rest === undefined || rest > LONGEST_REST || rests === RESTS) throw this.#refusal(response, said, rest)
      await this.#rest(rest, signal)
    }
  }

  #send({ method = 'POST', path, body }: ServiceCall, signal: AbortSignal): Promise<Response> {
    const doFetch = this.#parts.fetch ?? fetch
    const base = this.#base.href.replace(/\/*$/, '')
    const headers = {
      ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
      ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
    }
    return doFetch(`${base}/${path}`, { method, headers, signal, credentials: 'omit', ...(body === undefined ? {} : { body }) })
  }

  async #rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const cancel = this.#parts.platform.after(milliseconds, resolve)
      signal.addEventListener('abort', () => {
        cancel()
        reject(new Error('called off'))
      })
    })
  }

  #refusal(response: Response, said: string, rest: number | undefined): SpiceTimeError {
    const { status } = response
    const context = { status, ...(rest === undefined ? {} : { retryAfter: rest }) }
    const reason = said === '' ? '' : `: ${said}`
    if (status === 401 || status === 403)
      return this.failure(
        'NETWORK_UNAUTHORIZED',
        `does not let this app in (${status})${reason}. Check its token, and the origins that it allows.`,
        context,
      )
    if (status === 429) return this.failure('NETWORK_RATE_LIMITED', 'has had too many requests (429). It is asked again later.', context)
    if (status === 404) return this.failure('NETWORK_REFUSED', `has nothing here (404)${reason}. Check its address.`, context)
    if (status >= 400 && status < 500 && status !== 408 && status !== 425)
      return this.failure('NETWORK_REFUSED', `refuses (${status})${reason}. Change what it asks for, or name another service.`, context)
    return this.failure('NETWORK_UNAVAILABLE', `failed (${status})${reason}. It is asked again.`, context)
  }

  /** What a refusal says of itself: Kubo's `Message`, or the Pinning Service API's `error`; never more than a sentence. */
  async #reason(response: Response): Promise<string> {
    const text = (await response.text()).slice(0, 10_000)
    const answer = parsed(text)
    const said = isMap(answer) ? (answer['Message'] ?? reasonOf(answer['error'])) : undefined
    return this.#without(typeof said === 'string' ? said : '').slice(0, MOST_SAID)
  }

  #parse(text: string): unknown {
    const value = parsed(text)
    if (value === undefined) throw this.unreadable()
    return value
  }

  /** Services say back what they were sent. */
  #without(text: string): string {
    return this.#secrets.reduce((clean, secret) => clean.replaceAll(secret, '…'), text)
  }
}

function reasonOf(error: unknown): unknown {
  return isMap(error) ? (error['details'] ?? error['reason']) : error
}

/** Milliseconds by the header `Retry-After` in seconds (RFC 9110, section 10.2.3). */
function retryAfter(response: Response): number | undefined {
  const header = response.headers.get('retry-after')?.trim() ?? ''
  return (response.status === 429 || response.status === 503) && /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
