import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

/** How it answers for a block of which it has these bytes. */
type Misbehaviour = (response: ServerResponse, bytes: Uint8Array) => void

export interface HostileGateway {
  /** For the settings. */
  readonly url: string
  readonly blocks: Map<string, Uint8Array>
  behaviour: Misbehaviour
  /** CIDs that it was asked for. */
  readonly asked: string[]
  /** Answers that it has not ended, and that nobody has called off. */
  open(): number
}

const TICK = 20
const BOMB = gzipSync(Buffer.alloc(16 * 1024 * 1024))

export const honest: Misbehaviour = (response, bytes) => void response.end(bytes)

/** One that says so much of the block, and then what it wants. */
export const MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  'other bytes': (response, bytes) => void response.end(bytes.map((byte) => byte ^ 1)),
  'a part that it says is all': (response, bytes) => void response.end(bytes.subarray(0, bytes.length - 1)),
  'nothing at all': (response) => void response.end(),
  'a page': (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Accept our terms first</h1>'),
  'a part of what it announced': (response, bytes) => {
    response.writeHead(200, { 'content-length': String(bytes.length) })
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
  },
  'no answer': () => undefined,
  'a beginning and then nothing': (response, bytes) => void response.write(bytes.subarray(0, 10)),
  'a byte now and then': (response) => {
    const timer = setInterval(() => response.write('x'), TICK)
    response.once('close', () => clearInterval(timer))
  },
  'bytes without an end': (response) => {
    const piece = Buffer.alloc(65_536)
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
    }
    response.on('drain', more)
    more()
  },
  'a small body that unpacks to 16 MiB': (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(BOMB),
  'a hang-up': (response) => void response.destroy(),
  'a way elsewhere': (response) => void response.writeHead(302, { location: '/' }).end(),
  'a refusal': (response) => void response.writeHead(403).end(),
  'a wish for fewer requests': (response) => void response.writeHead(429).end(),
  'a fault of its own': (response) => void response.writeHead(500).end(),
  'a no': (response) => void response.writeHead(404).end(),
}

/** A real server on loopback that answers as a trustless gateway should not. `close` ends it. */
export async function startHostileGateway(closing: (() => void)[]): Promise<HostileGateway> {
  let open = 0
  const server = createServer((request, response) => {
    open += 1
    response.once('close', () => (open -= 1))
    const cid = /^\/ipfs\/([a-z2-7]+)\?format=raw$/.exec(request.url ?? '')?.[1] ?? ''
    gateway.asked.push(cid)
    gateway.behaviour(response, gateway.blocks.get(cid) ?? new Uint8Array(100))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close() && server.closeAllConnections())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const gateway: HostileGateway = { url: `http://127.0.0.1:${port}`, blocks: new Map(), behaviour: honest, asked: [], open: () => open }
  return gateway
}
