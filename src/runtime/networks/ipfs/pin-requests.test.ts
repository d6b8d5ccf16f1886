import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { nodePlatform } from '../../platform/node.js'
import { KuboPins } from './kubo-rpc.js'
import { PinningService } from './pinning-service.js'

const CID = 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
const SECRET = 'a-very-secret-token'
type Answer = (request: IncomingMessage, response: ServerResponse) => void

describe('odd answers of pin services', () => {
  const closing: (() => void)[] = []
  afterEach(() => closing.splice(0).forEach((close) => close()))

  const serve = async (answer: Answer): Promise<PinningService> => {
    const server = createServer(answer).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close() && server.closeAllConnections())
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return new PinningService({ url: `http://127.0.0.1:${port}`, token: SECRET, platform: nodePlatform })
  }
  const say =
    (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
    (_, response) =>
      void response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  const record = (id: number, status = 'pinned', name = 'n') => ({
    requestid: `r${id}`,
    created: new Date(1_000 * id).toISOString(),
    ...{ status, pin: { cid: CID, name }, delegates: [] },
  })

  it.each<readonly [string, string, Answer]>([
    ['NETWORK_UNAUTHORIZED', '401', say(401, { error: { reason: 'UNAUTHORIZED', details: `no ${SECRET}` } })],
    ['NETWORK_RATE_LIMITED', '429', say(429, '', { 'retry-after': '3600' })],
    ['NETWORK_REFUSED', '400', say(400, { error: { reason: 'BAD_REQUEST', details: 'too much' } })],
    ['NETWORK_UNAVAILABLE', '503', say(503, 'out of order')],
    ['NETWORK_UNAVAILABLE', 'cut-off JSON', say(200, '{"count":1,"resul')],
    ['NETWORK_UNAVAILABLE', 'JSON of another form', say(200, { count: 1, results: [{ ...record(1), status: 'maybe' }] })],
    ['NETWORK_UNAVAILABLE', 'a page that never ends', say(200, { count: 9, results: [record(1)] })],
    [
      'NETWORK_UNAVAILABLE',
      'a cut-off answer',
      (_, response) => void response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy()),
    ],
  ])('%s for %s, without the token', async (code, _, answer) => {
    const service = await serve(answer)
    const error: unknown = await service.states([CID]).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code, context: { network: 'ipfs', service: service.name } })
    expect(String(error)).not.toContain(SECRET)
  })

  it('asks again after a short rest', async () => {
    let asked = 0
    const service = await serve((request, response) =>
      (asked++ === 0 ? say(429, '', { 'retry-after': '0' }) : say(200, { count: 1, results: [record(1)] }))(request, response),
    )
    expect(await service.states([CID])).toEqual(new Map([[CID, 'pinned']]))
    expect(asked).toBe(2)
  })

  it('a call that stalls is called off', async () => {
    const called = new AbortController()
    const service = await serve((_, response) => {
      response.writeHead(200).write('{')
      setTimeout(() => called.abort(), 20)
    })
    await expect(service.states([CID], { signal: called.signal })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('reads all pages, and the best of several requests counts', async () => {
    const all = Array.from({ length: 250 }, (_, at) => record(250 - at, at === 200 ? 'pinned' : 'failed'))
    const service = await serve((request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams
      const before = query.get('before')
      const rest = all.filter(({ created }) => before === null || created < before)
      say(200, { count: rest.length, results: rest.slice(0, Number(query.get('limit'))) })(request, response)
    })
    expect(await service.states([CID])).toEqual(new Map([[CID, 'pinned']]))
  })

  it('a request that failed is replaced, one that stands is not made again, and the token goes with each', async () => {
    const seen: string[] = []
    let status = 'failed'
    const service = await serve((request, response) => {
      seen.push(`${request.method} ${request.url?.split('?')[0]} ${request.headers.authorization}`)
      const body = request.method === 'GET' ? { count: 1, results: [record(1, status)] } : record(2, 'queued')
      say(request.method === 'GET' ? 200 : 202, body)(request, response)
    })
    const request = { cid: CID, name: 'n', origins: [], blocks: () => expect.fail('it takes no blocks') }
    await service.pin(request)
    status = 'pinning'
    await service.pin(request)
    expect(seen).toEqual(['GET /pins', 'POST /pins/r1', 'GET /pins'].map((call) => `${call} Bearer ${SECRET}`))
  })

  it('credentials in an address go into a header, and into no message', async () => {
    const seen: (string | undefined)[] = []
    const fetch: typeof globalThis.fetch = (url, init) => {
      seen.push(String(url), new Headers(init?.headers).get('authorization') ?? undefined)
      return Promise.reject(new Error(`no ${SECRET}`))
    }
    const kubo = new KuboPins({ url: `http://me:${SECRET}@kubo.example:5001/`, platform: nodePlatform, fetch })
    const error: unknown = await kubo.unpin(CID).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'NETWORK_UNAVAILABLE' })
    expect(String(error)).not.toContain(SECRET)
    expect(kubo.name).toBe('kubo.example:5001')
    expect(seen).toEqual([`http://kubo.example:5001/api/v0/pin/rm?arg=${CID}`, `Basic ${btoa(`me:${SECRET}`)}`])
  })
})
