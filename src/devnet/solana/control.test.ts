import { once } from 'node:events'
import { Keypair } from '@solana/web3.js'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startSolanaDevnet } from './solana-devnet.js'
import type { SolanaDevnet } from './solana-devnet.js'
import { ask, at, blockhashOf, fundedKey, memoTransaction } from './test/rpc-client.js'

const open: SolanaDevnet[] = []
afterEach(() => Promise.all(open.splice(0).map((devnet) => devnet.close())))

async function start(): Promise<SolanaDevnet> {
  const devnet = await startSolanaDevnet({ manual: true, finalityDepth: 3 })
  open.push(devnet)
  return devnet
}

async function control(devnet: SolanaDevnet, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(devnet.controlUrl, { method: 'POST', body: JSON.stringify(body), headers })
}

async function statuses(devnet: SolanaDevnet, signatures: readonly unknown[]): Promise<readonly unknown[]> {
  const answer = await ask(devnet.url, 'getSignatureStatuses', [signatures])
  return signatures.map((_, index) => at(answer, 'result', 'value', index, 'confirmationStatus'))
}

test('faults are switched on from outside, and limited ones end by themselves', async () => {
  const devnet = await start()
  await control(devnet, { do: 'set', switches: { rateLimit: { requests: 1, retryAfterSeconds: 7 } } })
  const limited = await fetch(devnet.url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
  expect(await ask(devnet.url, 'getHealth')).toMatchObject({ result: 'ok' })
  await control(devnet, { do: 'set', switches: { drop: { requests: 1, loss: 'request' }, methods: ['getSlot'] } })
  expect(await ask(devnet.url, 'getHealth')).toMatchObject({ result: 'ok' })
  await expect(ask(devnet.url, 'getSlot')).rejects.toThrow('fetch failed')
  expect(await ask(devnet.url, 'getSlot')).toMatchObject({ result: 0 })
  await control(devnet, { do: 'set', switches: { behindSlots: 42 } })
  expect(await ask(devnet.url, 'getHealth')).toMatchObject({ error: { code: -32005, data: { numSlotsBehind: 42 } } })
  await control(devnet, { do: 'set', switches: { behindSlots: null, down: true } })
  await expect(ask(devnet.url, 'getHealth')).rejects.toThrow('fetch failed')
})

test('what is no switch is refused by name, and so is a stranger’s page', async () => {
  const devnet = await start()
  const unknown = await control(devnet, { do: 'set', switches: { downn: true } })
  expect([unknown.status, await unknown.text()]).toEqual([400, expect.stringContaining('no switch `downn`')])
  const wrong = await control(devnet, { do: 'set', switches: { down: 1 } })
  expect(wrong.status).toBe(400)
  expect((await control(devnet, { do: 'step' }, { origin: 'https://stranger.example' })).status).toBe(403)
  expect(await (await control(devnet, { do: 'step', slots: 2 })).json()).toMatchObject({
    slots: { processed: 2, confirmed: 1, finalized: 0 },
  })
})

test('finality stalls, and slots that are not final can be taken back: their transactions vanish, or land elsewhere', async () => {
  const devnet = await start()
  const payer = await fundedKey(devnet.url, () => devnet.step())
  const blockhash = await blockhashOf(devnet.url)
  devnet.set({ stallFinality: true })
  const signatures: unknown[] = []
  for (const memo of ['one', 'two']) {
    const raw = memoTransaction({ payer, reference: payer.publicKey, blockhash, memos: [memo] })
    signatures.push((await ask(devnet.url, 'sendTransaction', [raw, { encoding: 'base64', preflightCommitment: 'processed' }])).result)
  }
  await devnet.step(40)
  expect(await statuses(devnet, signatures)).toEqual(['confirmed', 'confirmed'])
  const slotOf = async (signature: unknown): Promise<unknown> =>
    at(await ask(devnet.url, 'getSignatureStatuses', [[signature]]), 'result', 'value', 0, 'slot')
  const slot = Number(await slotOf(signatures[0]))
  devnet.rollBack(40, 'again')
  expect(await statuses(devnet, signatures)).toEqual([undefined, undefined])
  await devnet.step()
  expect(await statuses(devnet, signatures)).toEqual(['processed', 'processed'])
  expect(Number(await slotOf(signatures[0]))).toBeGreaterThan(slot + 39)
  devnet.rollBack(1, 'vanish')
  await devnet.step(2)
  expect(await statuses(devnet, signatures)).toEqual([undefined, undefined])
  devnet.set({ stallFinality: false })
  await devnet.step(4)
  const balance = await ask(devnet.url, 'getBalance', [payer.publicKey.toBase58()])
  expect(at(balance, 'result', 'value')).toBe(1_000_000_000)
})

test('an exchanged chain has another genesis and nothing of the old one, under the same URL', async () => {
  const devnet = await start()
  const payer = await fundedKey(devnet.url, () => devnet.step())
  const genesis = devnet.genesisHash()
  await control(devnet, { do: 'exchange' })
  expect((await ask(devnet.url, 'getGenesisHash')).result).not.toBe(genesis)
  const balance = await ask(devnet.url, 'getBalance', [payer.publicKey.toBase58(), { commitment: 'processed' }])
  expect(at(balance, 'result', 'value')).toBe(0)
})

test('a websocket tells of mentioned logs and of signatures at their commitment, and nothing when it is silent', async () => {
  const devnet = await start()
  const payer = await fundedKey(devnet.url, () => devnet.step())
  const reference = Keypair.generate().publicKey
  const raw = memoTransaction({ payer, reference, blockhash: await blockhashOf(devnet.url), memos: ['x'] })
  const socket = new WebSocket(devnet.websocketUrl)
  const heard: unknown[] = []
  socket.on('message', (data) => heard.push(JSON.parse(String(data))))
  const until = async (count: number): Promise<void> => {
    while (heard.length < count) await once(socket, 'message')
  }
  const say = (id: number, method: string, params: readonly unknown[]): void =>
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
  await once(socket, 'open')
  const { result: signature } = await ask(devnet.url, 'sendTransaction', [raw, { encoding: 'base64', preflightCommitment: 'processed' }])
  say(1, 'logsSubscribe', [{ mentions: [reference.toBase58()] }, { commitment: 'processed' }])
  say(2, 'signatureSubscribe', [signature, { commitment: 'confirmed' }])
  await until(2)
  expect(heard.splice(0)).toEqual([
    { jsonrpc: '2.0', result: 0, id: 1 },
    { jsonrpc: '2.0', result: 1, id: 2 },
  ])
  await devnet.step()
  await until(1)
  expect(heard.splice(0)).toMatchObject([
    { method: 'logsNotification', params: { result: { value: { signature, err: null } }, subscription: 0 } },
  ])
  await devnet.step()
  await until(1)
  expect(heard.splice(0)).toMatchObject([
    { method: 'signatureNotification', params: { result: { value: { err: null } }, subscription: 1 } },
  ])
  devnet.set({ websocket: 'silent' })
  say(3, 'slotSubscribe', [])
  await devnet.step()
  const closed = once(socket, 'close')
  devnet.set({ websocket: 'refused' })
  await closed
  expect(heard).toEqual([])
  await expect(once(new WebSocket(devnet.websocketUrl), 'open')).rejects.toThrow('socket hang up')
})
