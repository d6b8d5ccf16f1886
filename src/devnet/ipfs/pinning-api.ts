import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseJson } from '../json.js'
import { hasToken, readBody, sayJson } from '../loopback-server.js'
import type { PinLedger, PinRecord } from './pin-ledger.js'
import { parsePin, parseQuery, PinRefusal } from './pin-query.js'
import type { Pinner } from './pinner.js'

export interface PinningApiParts {
  readonly ledger: PinLedger
  readonly pinner: Pinner
  readonly token: string
  /** Multiaddrs at which blocks can be brought. */
  readonly delegates: readonly string[]
  /** Requests that are kept at most. */
  readonly most: number
  /** Of all that is pinned. */
  readonly mostBytes: number
}

const MOST_BODY = 64 * 1024

interface Answer {
  readonly status: number
  readonly body: object
}

/** Answers below `/pins` as the Pinning Service API says, version 1: https://ipfs.github.io/pinning-services-api-spec/ */
export class PinningApi {
  readonly #parts: PinningApiParts

  constructor(parts: PinningApiParts) {
    this.#parts = parts
  }

  async serve(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    try {
      const { status, body } = await this.#answer(request, url)
      sayJson(response, status, body)
    } catch (error) {
      if (!(error instanceof PinRefusal)) throw error
      sayJson(response, error.status, { error: { reason: error.reason, details: error.message } })
    }
  }

  async #answer(request: IncomingMessage, url: URL): Promise<Answer> {
    if (!hasToken(request, this.#parts.token))
      throw new PinRefusal(401, 'UNAUTHORIZED', 'The token is not the one that this devnet gave out.')
    const [, , requestId, ...deeper] = url.pathname.split('/')
    const call = `${request.method ?? ''} /pins${requestId === undefined ? '' : '/{id}'}${deeper.length > 0 ? '/…' : ''}`
    switch (call) {
      case 'GET /pins':
        return this.#list(url.searchParams)
      case 'POST /pins':
        return await this.#add(request)
      case 'GET /pins/{id}':
        return { status: 200, body: this.#told(this.#record(requestId)) }
      case 'POST /pins/{id}':
        return await this.#replace(request, this.#record(requestId))
      case 'DELETE /pins/{id}':
        await this.#parts.pinner.remove(this.#record(requestId))
        return { status: 202, body: {} }
      default:
        throw new PinRefusal(404, 'NOT_FOUND', 'There is nothing here.')
    }
  }

  /** Newest first. */
  #list(query: URLSearchParams): Answer {
    const { limit, matches } = parseQuery(query)
    const found = this.#parts.ledger.all().filter(matches).toReversed()
    return { status: 200, body: { count: found.length, results: found.slice(0, limit).map((record) => this.#told(record)) } }
  }

  async #add(request: IncomingMessage): Promise<Answer> {
    const wanted = parsePin(await bodyOf(request))
    const { ledger, pinner, most, mostBytes } = this.#parts
    if (ledger.size >= most) throw full(`${most} pins`)
    if (ledger.bytes() >= mostBytes) throw full(`${mostBytes} bytes of pins`)
    const record = await ledger.add(wanted)
    pinner.wake()
    return { status: 202, body: this.#told(record) }
  }

  /** The new one is there before the old one goes, so that nothing is dropped that both have. */
  async #replace(request: IncomingMessage, old: PinRecord): Promise<Answer> {
    const record = await this.#parts.ledger.add(parsePin(await bodyOf(request)))
    await this.#parts.pinner.remove(old)
    return { status: 202, body: this.#told(record) }
  }

  #record(requestId: string | undefined): PinRecord {
    const record = this.#parts.ledger.get(requestId ?? '')
    if (record === undefined) throw new PinRefusal(404, 'NOT_FOUND', 'There is no request of that id.')
    return record
  }

  #told({ requestId, status, created, reason, ...pin }: PinRecord): object {
    return {
      ...{ requestid: requestId, status, pin, delegates: this.#parts.delegates },
      created: new Date(created).toISOString(),
      info: reason === undefined ? {} : { status_details: reason },
    }
  }
}

function full(what: string): PinRefusal {
  return new PinRefusal(409, 'INSUFFICIENT_FUNDS', `This devnet keeps at most ${what}. Remove some.`)
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const text = await readBody(request, MOST_BODY)
  if (text === undefined) throw new PinRefusal(413, 'TOO_LARGE', `A body has at most ${MOST_BODY} bytes.`)
  return parseJson(text)
}
