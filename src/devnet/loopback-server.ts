import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'

export interface LoopbackOptions {
  /** As people know what it serves: 'The endpoint of the Holochain devnet'. */
  readonly what: string
  /** Default: a free one. */
  readonly port?: number
  /** Origins of pages that may ask; default, and where '*' is one of them: any, for tests. */
  readonly origins?: readonly string[]
  /** A failure is told to who asked, unless it has begun to answer. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void
}

export interface LoopbackServer {
  /** Without a slash at its end. */
  readonly url: string
  close(): Promise<void>
}

const TOKEN_BYTES = 24
const HEADERS_BOUND = 10_000
const REQUEST_BOUND = 30_000
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/** An HTTP server for this machine's programs, and for pages of the origins alone. @throws SpiceTimeError DEVNET_FAILED */
export async function serveLoopback(options: LoopbackOptions): Promise<LoopbackServer> {
  const server = createServer({ headersTimeout: HEADERS_BOUND, requestTimeout: REQUEST_BOUND }, (request, response) => {
    void answer(request, response, options)
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new SpiceTimeError('DEVNET_FAILED', `${options.what} could not be opened; its port is taken.`, {}, error)
  }
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, close: () => shut(server) }
}

/** What a page must know to be let in. In hexadecimal, since a person may give it to a program, which takes what begins with a dash for an option. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('hex')
}

/** Whether who asks knows the token. */
export function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** The whole body; undefined where it has more bytes than that, and what follows is not listened to. */
export async function readBody(request: IncomingMessage, most: number): Promise<string | undefined> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(piece)) continue
    bytes += piece.length
    if (bytes > most) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

export function say(response: ServerResponse, status: number, text = ''): void {
  response.statusCode = status
  // What was not read of a question would be taken for the next one.
  if (!response.req.complete) response.setHeader('connection', 'close')
  response.end(text)
}

export function sayJson(response: ServerResponse, status: number, body: unknown): void {
  response.setHeader('content-type', 'application/json')
  say(response, status, JSON.stringify(body))
}

/** Never rejects: a failure is the answer. */
async function answer(request: IncomingMessage, response: ServerResponse, options: LoopbackOptions): Promise<void> {
  const { origin, host } = request.headers
  const { origins = ['*'] } = options
  const allowed = origin === undefined || origins.includes('*') || origins.includes(origin)
  if (origin !== undefined && allowed) {
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, DELETE')
    response.setHeader('access-control-allow-headers', 'authorization, content-type')
    response.setHeader('access-control-allow-private-network', 'true')
    response.setHeader('vary', 'origin')
  }
  // A page of another name that resolves to this machine has another host.
  if (!allowed || !LOOPBACK.test(host ?? '')) return say(response, 403, 'This devnet is for the app that was started with it.')
  if (request.method === 'OPTIONS') return say(response, 204)
  try {
    await options.answer(request, response)
  } catch (error) {
    if (request.destroyed || response.headersSent) return void response.destroy()
    say(response, 500, error instanceof Error ? error.message : String(error))
  }
}

async function shut(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
