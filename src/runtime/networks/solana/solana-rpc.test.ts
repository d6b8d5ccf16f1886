import { describe, expect, test } from 'vitest'
import { ManualPlatform } from '../../testing/manual-platform.js'
import { balanceOf, latestBlockhash, sendTransaction } from './rpc-requests.js'
import { solanaError } from './solana-errors.js'
import { SolanaRpc } from './solana-rpc.js'
import type { RpcParts } from './solana-rpc.js'

const ONE = 'http://one.example/?key=secret'
const TWO = 'http://two.example/'

type Answer = () => Response | Promise<Response>

const result = (value: unknown): Response => Response.json({ jsonrpc: '2.0', id: 1, result: value })
const failure = (code: number, message = 'no', data?: unknown): Response =>
  Response.json({ jsonrpc: '2.0', id: 1, error: { code, message, data } })
const balance = (lamports: number): Response => result({ context: { slot: 1 }, value: lamports })

/** Endpoints that answer as told, each from its own list; the last answer is given for ever. */
class Endpoints {
  readonly platform = new ManualPlatform()
  readonly asked: string[] = []
  readonly rpc: SolanaRpc

  constructor(answers: Readonly<Record<string, readonly Answer[]>>, parts: Partial<RpcParts> = {}) {
    const left = new Map(Object.entries(answers).map(([url, list]) => [url, [...list]]))
    const [first = '', ...others] = Object.keys(answers)
    const answer = async (url: string, init: RequestInit): Promise<Response> => {
      const body: unknown = JSON.parse(String(init.body))
      const method = typeof body === 'object' && body !== null && 'method' in body ? String(body.method) : ''
      this.asked.push(`${new URL(url).hostname.split('.')[0]}:${method}`)
      const list = left.get(url) ?? []
      const next = list.length > 1 ? list.shift() : list[0]
      const silent = new Promise<Response>((_, reject) => init.signal?.addEventListener('abort', () => reject(new Error('called off'))))
      return await Promise.race([silent, next?.() ?? silent])
    }
    this.rpc = new SolanaRpc({ endpoints: [first, ...others], platform: this.platform, fetch: answer as typeof fetch, ...parts })
  }

  /** Lets time pass until the call is over. */
  async settle<T>(work: Promise<T>): Promise<T> {
    let over = false
    work.then(
      () => (over = true),
      () => (over = true),
    )
    await this.platform.until(() => over)
    return await work
  }
}

describe('calls', () => {
  test('are answered by the preferred endpoint', async () => {
    const { rpc, asked } = new Endpoints({ [ONE]: [() => balance(5)], [TWO]: [] })
    expect(await rpc.call(balanceOf('x'))).toBe(5)
    expect(asked).toEqual(['one:getBalance'])
    expect(rpc.contacts).toBe(1)
  })

  test.each([
    ['does not answer', () => new Promise<Response>(() => undefined)],
    ['refuses the connection', () => Promise.reject(new TypeError('fetch failed'))],
    ['is down', () => new Response('', { status: 503 })],
    ['wants a key', () => new Response('', { status: 401 })],
    ['limits the rate', () => new Response('', { status: 429 })],
    ['is behind', () => failure(-32005, 'Node is behind by 42 slots')],
    ['lacks the method', () => failure(-32601)],
    ['answers something else', () => result({ context: {}, value: 'much' })],
    ['answers no JSON', () => new Response('<html>')],
  ] satisfies [string, Answer][])('go on with the next endpoint when one %s, and stay there while it rests', async (_name, trouble) => {
    const endpoints = new Endpoints({ [ONE]: [trouble], [TWO]: [() => balance(7)] })
    expect(await endpoints.settle(endpoints.rpc.call(balanceOf('x')))).toBe(7)
    expect(await endpoints.settle(endpoints.rpc.call(balanceOf('x')))).toBe(7)
    expect(endpoints.asked).toEqual(['one:getBalance', 'two:getBalance', 'two:getBalance'])
    expect(endpoints.rpc.endpoint).toBe('two.example')
  })

  test('come back to the preferred endpoint once it is rested', async () => {
    const endpoints = new Endpoints({ [ONE]: [() => new Response('', { status: 500 }), () => balance(1)], [TWO]: [() => balance(2)] })
    expect(await endpoints.settle(endpoints.rpc.call(balanceOf('x')))).toBe(2)
    await endpoints.platform.pass(60_000)
    expect(await endpoints.settle(endpoints.rpc.call(balanceOf('x')))).toBe(1)
  })

  test('wait as long as a 429 says', async () => {
    const limited = (): Response => new Response('', { status: 429, headers: { 'retry-after': '7' } })
    const endpoints = new Endpoints({ [ONE]: [limited, () => balance(3)] })
    const before = endpoints.platform.now()
    expect(await endpoints.settle(endpoints.rpc.call(balanceOf('x')))).toBe(3)
    expect(endpoints.platform.now() - before).toBe(7_000)
  })

  test('fail with the last trouble once all were tried often enough, and repeat no key', async () => {
    const endpoints = new Endpoints({ [ONE]: [() => new Response('', { status: 500 })] })
    const call = endpoints.settle(endpoints.rpc.call(balanceOf('x')))
    await expect(call).rejects.toMatchObject({ code: 'NETWORK_UNAVAILABLE', context: { network: 'solana', endpoint: 'one.example' } })
    await expect(call).rejects.not.toThrow(/secret/)
    expect(endpoints.asked.length).toBe(4)
  })

  test('that must not be made twice are made once', async () => {
    const endpoints = new Endpoints({ [ONE]: [() => new Response('', { status: 500 })], [TWO]: [() => balance(2)] })
    await expect(endpoints.settle(endpoints.rpc.call(balanceOf('x'), { once: true }))).rejects.toMatchObject({
      code: 'NETWORK_UNAVAILABLE',
    })
    expect(endpoints.asked).toEqual(['one:getBalance'])
  })

  test('end when they are called off, and when the connection is closed', async () => {
    const endpoints = new Endpoints({ [ONE]: [() => new Promise<Response>(() => undefined)] })
    const controller = new AbortController()
    const call = endpoints.rpc.call(balanceOf('x'), { signal: controller.signal })
    controller.abort()
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
    const other = endpoints.rpc.call(balanceOf('x'))
    endpoints.rpc.close()
    await expect(other).rejects.toMatchObject({ code: 'NETWORK_NOT_CONNECTED' })
    await expect(endpoints.rpc.call(balanceOf('x'))).rejects.toMatchObject({ code: 'NETWORK_NOT_CONNECTED' })
    expect(endpoints.platform.timers).toBe(0)
  })
})

describe('answers that every endpoint would give', () => {
  test.each([
    ['AccountNotFound', 'NETWORK_UNFUNDED'],
    [{ InsufficientFundsForRent: { account_index: 0 } }, 'NETWORK_UNFUNDED'],
    ['BlockhashNotFound', 'NETWORK_EXPIRED'],
    ['AccountInUse', 'NETWORK_UNAVAILABLE'],
    [{ InstructionError: [0, 'ComputationalBudgetExceeded'] }, 'NETWORK_REFUSED'],
    [undefined, 'NETWORK_REFUSED'],
  ])('a transaction that fails with %j: %s, at once', async (err, code) => {
    const endpoints = new Endpoints({ [ONE]: [() => failure(-32002, 'Transaction simulation failed', { err })], [TWO]: [] })
    await expect(endpoints.rpc.call(sendTransaction('AA==', true))).rejects.toMatchObject({ code })
    expect(endpoints.asked).toEqual(['one:sendTransaction'])
  })
})

describe('the chain behind an endpoint', () => {
  const genesis =
    (hash: string): Answer =>
    () =>
      result(hash)
  const accept = (hash: string): void => {
    if (hash !== 'ours') throw solanaError('NETWORK_EXCHANGED', 'Another chain.')
  }
  const blockhash = (): Response => result({ context: { slot: 1 }, value: { blockhash: 'b', lastValidBlockHeight: 9 } })

  test('is looked at before it is used, and one that serves another is left out', async () => {
    const endpoints = new Endpoints({ [ONE]: [genesis('theirs')], [TWO]: [genesis('ours'), blockhash] }, { accept })
    expect(await endpoints.rpc.call(latestBlockhash())).toEqual({ blockhash: 'b', lastValidBlockHeight: 9 })
    expect(endpoints.asked).toEqual(['one:getGenesisHash', 'two:getGenesisHash', 'two:getLatestBlockhash'])
  })

  test('is looked at again after a failure, and where the caller must be sure', async () => {
    const answers = [
      genesis('ours'),
      blockhash,
      genesis('ours'),
      blockhash,
      (): Response => new Response('', { status: 502 }),
      genesis('theirs'),
    ]
    const endpoints = new Endpoints({ [ONE]: answers }, { accept })
    await endpoints.rpc.call(latestBlockhash())
    await endpoints.rpc.call(latestBlockhash(), { sameChain: true })
    await expect(endpoints.settle(endpoints.rpc.call(latestBlockhash()))).rejects.toMatchObject({ code: 'NETWORK_EXCHANGED' })
  })
})
