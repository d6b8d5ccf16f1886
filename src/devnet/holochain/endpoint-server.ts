import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { fromBase32, toBase32 } from '../../runtime/codec/base32.js'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import type { Address, Opened, Wanted } from './device-conductor.js'

export interface EndpointOptions {
  readonly port?: number
  /** Origins of pages that may ask; default: any, for tests. */
  readonly origins?: readonly string[]
  readonly open: (device: string) => Promise<Address>
  readonly cell: (device: string, wanted: Wanted) => Promise<Opened>
}

export interface EndpointServer {
  readonly url: string
  readonly token: string
  close(): Promise<void>
}

const TOKEN_BYTES = 24
const MOST_BODY = 8 * 1024
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/** Answers as `networks/holochain/endpoint.ts` says, to who has the token. On loopback alone. @throws SpiceTimeError DEVNET_FAILED */
export async function serveEndpoint(options: EndpointOptions): Promise<EndpointServer> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const server = createServer((request, response) => {
    void answer(request, response, { ...options, token })
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new SpiceTimeError('DEVNET_FAILED', 'The endpoint of the Holochain devnet could not be opened; its port is taken.', {}, error)
  }
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/`, token, close: () => shut(server) }
}

async function shut(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

type Served = EndpointOptions & { readonly token: string }

/** Never rejects: a failure is the answer. */
async function answer(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  const { origin, host } = request.headers
  const allowed = origin === undefined || served.origins === undefined || served.origins.includes(origin)
  if (origin !== undefined && allowed) {
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-allow-headers', 'authorization, content-type')
    response.setHeader('access-control-allow-private-network', 'true')
  }
  // A page of another name that resolves to this machine has another host.
  if (!allowed || !LOOPBACK.test(host ?? '')) return say(response, 403, 'This devnet is for the app that was started with it.')
  if (request.method === 'OPTIONS') return say(response, 204, '')
  if (!isToken(request.headers.authorization, served.token))
    return say(response, 401, 'The token is not the one that this devnet gave out.')
  try {
    const body = await readBody(request)
    const device = textOf(body, 'device')
    if (request.url === '/') return json(response, forWire(await served.open(device)))
    if (request.url !== '/cells') return say(response, 404, 'There is nothing here.')
    const wanted = { seed: textOf(body, 'seed'), space: bytesOf(body, 'space'), signingKey: bytesOf(body, 'signingKey') }
    json(response, forWire(await served.cell(device, wanted)))
  } catch (error) {
    say(response, 503, error instanceof Error ? error.message : String(error))
  }
}

function isToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request) {
    if (!Buffer.isBuffer(piece)) continue
    bytes += piece.length
    if (bytes > MOST_BODY) throw new Error('the question is too long')
    pieces.push(piece)
  }
  const body: unknown = JSON.parse(Buffer.concat(pieces).toString())
  if (typeof body !== 'object' || body === null) throw new Error('the question is no map')
  return { ...body }
}

function textOf(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name]
  if (typeof value === 'string' && value !== '') return value
  throw new Error(`the question has no '${name}'`)
}

function bytesOf(body: Readonly<Record<string, unknown>>, name: string): Uint8Array {
  return fromBase32(textOf(body, name))
}

function forWire(answered: Address | Opened): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(answered).map(([name, value]: readonly [string, string | Uint8Array]) => [
      name,
      typeof value === 'string' ? value : toBase32(value),
    ]),
  )
}

function json(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json')
  say(response, 200, JSON.stringify(body))
}

function say(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status
  response.end(text)
}
