import type { IncomingMessage, ServerResponse } from 'node:http'
import { fromBase32, toBase32 } from '../../runtime/codec/base32.js'
import { hasToken, newToken, readBody, say, sayJson, serveLoopback } from '../loopback-server.js'
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

const MOST_BODY = 8 * 1024

/** Answers as `networks/holochain/endpoint.ts` says, to who has the token. On loopback alone. @throws SpiceTimeError DEVNET_FAILED */
export async function serveEndpoint(options: EndpointOptions): Promise<EndpointServer> {
  const token = newToken()
  const { port, origins } = options
  const server = await serveLoopback({
    what: 'The endpoint of the Holochain devnet',
    ...(port === undefined ? {} : { port }),
    ...(origins === undefined ? {} : { origins }),
    answer: (request, response) => answer(request, response, { ...options, token }),
  })
  return { url: `${server.url}/`, token, close: () => server.close() }
}

type Served = EndpointOptions & { readonly token: string }

async function answer(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  if (!hasToken(request, served.token)) return say(response, 401, 'The token is not the one that this devnet gave out.')
  try {
    const body = parseBody(await readBody(request, MOST_BODY))
    const device = textOf(body, 'device')
    if (request.url === '/') return sayJson(response, 200, forWire(await served.open(device)))
    if (request.url !== '/cells') return say(response, 404, 'There is nothing here.')
    const wanted = { seed: textOf(body, 'seed'), space: bytesOf(body, 'space'), signingKey: bytesOf(body, 'signingKey') }
    sayJson(response, 200, forWire(await served.cell(device, wanted)))
  } catch (error) {
    say(response, 503, error instanceof Error ? error.message : String(error))
  }
}

function parseBody(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) throw new Error('the question is too long')
  const body: unknown = JSON.parse(text)
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
