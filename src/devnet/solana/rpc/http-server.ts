import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Switches } from '../switches.js'
import { dispatch, methodsOf } from './dispatch.js'
import type { Answerer } from './dispatch.js'

/** The real validator's limit of a request's body, in bytes. */
const MAX_BODY = 50 * 1024

export interface HttpServerOptions {
  readonly answer: Answerer
  readonly switches: () => Switches
  /** One request has met a limited fault. */
  readonly spend: (fault: 'drop' | 'rateLimit') => void
}

type Fate = 'answered' | 'limited' | 'request lost' | 'answer lost'

/** JSON-RPC over HTTP with the statuses, headers and texts of the real validator, and the faults that are switched on. */
export async function serveHttp(request: IncomingMessage, response: ServerResponse, options: HttpServerOptions): Promise<void> {
  if (options.switches().down) return void request.socket.destroy()
  for (const [name, value] of Object.entries(corsHeaders(request))) response.setHeader(name, value)
  if (request.method === 'OPTIONS') return void response.setHeader('allow', 'OPTIONS, POST').end()
  if (request.method === 'GET' && request.url === '/health') return void response.end(health(options.switches()))
  if (request.method !== 'POST') return refuse(response, 405, 'Used HTTP Method is not allowed. POST or OPTIONS is required')
  if (!/^application\/json/i.test(request.headers['content-type'] ?? '')) {
    return refuse(response, 415, 'Supplied content type is not allowed. Content-Type: application/json is required')
  }
  const body = await readBody(request)
  if (body === undefined) return refuse(response, 413, 'request body size exceeds allowed maximum')
  const fate = fateOf(body, options)
  if (fate === 'request lost') return void request.socket.destroy()
  if (fate === 'limited') return limit(response, options.switches())
  const answer = dispatch(body, options.answer)
  await delayed(body, options.switches())
  if (fate === 'answer lost' || options.switches().down) return void request.socket.destroy()
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.end(answer ?? '')
}

function health({ behindSlots }: Switches): string {
  return behindSlots === undefined ? 'ok' : 'behind'
}

/** Any page may ask a validator. */
function corsHeaders({ method, headers }: IncomingMessage): Readonly<Record<string, string>> {
  if (headers.origin === undefined) return {}
  const asked = headers['access-control-request-headers']
  return {
    'access-control-allow-origin': headers.origin,
    'access-control-allow-methods': 'OPTIONS, POST',
    'access-control-max-age': '86400',
    vary: 'origin',
    ...(method === 'OPTIONS' && asked !== undefined ? { 'access-control-allow-headers': asked } : {}),
  }
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

function limit(response: ServerResponse, { rateLimit }: Switches): void {
  const error = { code: 429, message: 'Too many requests for a specific RPC call' }
  response.writeHead(429, { 'content-type': 'application/json; charset=utf-8', 'retry-after': String(rateLimit.retryAfterSeconds) })
  response.end(JSON.stringify({ jsonrpc: '2.0', error, id: null }))
}

function fateOf(body: string, { switches, spend }: HttpServerOptions): Fate {
  const { drop, rateLimit } = switches()
  if (!isMet(body, switches())) return 'answered'
  if (rateLimit.requests !== 0) {
    spend('rateLimit')
    return 'limited'
  }
  if (drop.requests === 0) return 'answered'
  spend('drop')
  return drop.loss === 'request' ? 'request lost' : 'answer lost'
}

async function delayed(body: string, switches: Switches): Promise<void> {
  if (switches.delayMilliseconds === 0 || !isMet(body, switches)) return
  await new Promise((resolve) => setTimeout(resolve, switches.delayMilliseconds))
}

function isMet(body: string, { methods }: Switches): boolean {
  return methods.length === 0 || methodsOf(body).some((method) => methods.includes(method))
}

/** Undefined where it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue
    size += chunk.length
    if (size <= MAX_BODY) chunks.push(chunk)
  }
  return size > MAX_BODY ? undefined : Buffer.concat(chunks).toString('utf8')
}
