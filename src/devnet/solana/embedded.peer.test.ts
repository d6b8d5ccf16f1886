import { Keypair } from '@solana/web3.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPrograms } from '../binaries.js'
import { startSolanaDevnet } from './solana-devnet.js'
import type { SolanaPeer } from './solana-peer.js'
import { startSolanaValidator } from './solana-validator.js'
import { ask, at, blockhashOf, fundedKey, memoTransaction } from './test/rpc-client.js'
import type { Answer } from './test/rpc-client.js'

const STARTING = 180_000
const STRANGER = '5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW'

/** A value's shape: the names of fields and the types below them, of lists their first item's. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])]
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      // A number that becomes null when it is final, which depends on when one asks.
      .map(([name, inner]) => [name, name === 'confirmations' ? 'number or null' : shape(inner)]),
  )
}

interface Asked {
  readonly peer: SolanaPeer
  readonly payer: Keypair
  readonly reference: string
  /** Signatures of two memos that landed, the second with an error. */
  readonly landed: readonly string[]
  readonly slot: number
}

async function prepare(peer: SolanaPeer): Promise<Asked> {
  const { url } = peer
  const payer = await fundedKey(url, () => peer.step())
  const reference = Keypair.generate().publicKey
  const landed: string[] = []
  let slot = 0
  for (const memo of ['hello "q" \n ü', Uint8Array.of(0xff, 0xfe)]) {
    const memos = [memo, 'zwei']
    const raw = memoTransaction({ payer, reference, blockhash: await blockhashOf(url, 'confirmed'), memos })
    const { result } = await ask(url, 'sendTransaction', [raw, { encoding: 'base64', skipPreflight: true }])
    landed.push(String(result))
    const read = async (): Promise<unknown> => at(await ask(url, 'getTransaction', [result, { commitment: 'confirmed' }]), 'result', 'slot')
    while ((await read()) === undefined) await peer.step()
    slot = Number(await read())
  }
  return { peer, payer, reference: reference.toBase58(), landed, slot }
}

/** The questions; each is asked of both. */
const QUESTIONS: Readonly<Record<string, (asked: Asked) => Promise<Answer>>> = Object.fromEntries(
  Object.entries({
    getHealth: () => [],
    getVersion: () => [],
    getGenesisHash: () => [],
    getSlot: () => [{ commitment: 'processed' }],
    getBlockHeight: () => [],
    getLatestBlockhash: () => [],
    'getBalance of an address': ({ reference }: Asked) => [reference],
    'getBalance of nonsense': () => ['nope'],
    'getBalance of nothing': () => [],
    'getAccountInfo of nobody': ({ reference }: Asked) => [reference, { encoding: 'base64' }],
    'getAccountInfo of the payer': ({ payer }: Asked) => [payer.publicKey.toBase58(), { encoding: 'base64', commitment: 'confirmed' }],
    'getMinimumBalanceForRentExemption of a size': () => [100],
    'getBlockTime of the future': () => [5_000_000_000],
    'isBlockhashValid of a stranger': () => [Keypair.generate().publicKey.toBase58()],
    'getSignatureStatuses with search': ({ landed }: Asked) => [[...landed, STRANGER], { searchTransactionHistory: true }],
    'getSignatureStatuses of nonsense': () => [['nope']],
    'getSignaturesForAddress confirmed': ({ reference }: Asked) => [reference, { commitment: 'confirmed' }],
    'getSignaturesForAddress processed': ({ reference }: Asked) => [reference, { commitment: 'processed' }],
    'getSignaturesForAddress of too many': ({ reference }: Asked) => [reference, { limit: 1001 }],
    'getSignaturesForAddress before a stranger': ({ reference }: Asked) => [reference, { before: STRANGER }],
    'getSignaturesForAddress of the future': ({ reference }: Asked) => [reference, { minContextSlot: 5_000_000_000 }],
    'getTransaction json': ({ landed }: Asked) => [landed[0], { commitment: 'confirmed', maxSupportedTransactionVersion: 0 }],
    'getTransaction base64': ({ landed }: Asked) => [landed[0], { commitment: 'confirmed', encoding: 'base64' }],
    'getTransaction that failed': ({ landed }: Asked) => [landed[1], { commitment: 'confirmed', maxSupportedTransactionVersion: 0 }],
    'getTransaction of a stranger': () => [STRANGER],
    // The real one's first transaction is a vote: the transactions are compared above.
    'getBlock signatures': ({ slot }: Asked) => [slot, { commitment: 'confirmed', transactionDetails: 'signatures', rewards: false }],
    'getBlock bare': ({ slot }: Asked) => [slot, { commitment: 'confirmed', transactionDetails: 'none', rewards: false }],
    'getBlock of the future': () => [5_000_000_000],
    'sendTransaction of nonsense': () => ['AAAA', { encoding: 'base64' }],
    'sendTransaction of nothing': () => [],
    'sendTransaction with a stale blockhash': ({ payer }: Asked) => [
      memoTransaction({ payer, reference: payer.publicKey, blockhash: Keypair.generate().publicKey.toBase58(), memos: ['x'] }),
      { encoding: 'base64', preflightCommitment: 'confirmed' },
    ],
    unheardOf: () => [],
  }).map(([name, params]) => [name, ({ peer, ...asked }: Asked) => ask(peer.url, name.split(' ')[0] ?? '', params({ peer, ...asked }))]),
)

describe.skipIf(!hasPrograms(['solana-test-validator']))('the embedded devnet beside the real validator', () => {
  const peers: SolanaPeer[] = []
  const both: Asked[] = []

  beforeAll(async () => {
    peers.push(await startSolanaDevnet({ slotMilliseconds: 50 }), await startSolanaValidator())
    for (const peer of peers) both.push(await prepare(peer))
  }, STARTING)

  afterAll(() => Promise.all(peers.map((peer) => peer.close())))

  test.for(Object.entries(QUESTIONS))('%s: the same fields, types and error codes', async ([, question]) => {
    const [embedded, real] = await Promise.all(both.map((asked) => question(asked)))
    expect(shape(embedded)).toEqual(shape(real))
    expect(embedded?.error?.code).toBe(real?.error?.code)
    expect(embedded?.error?.message.replaceAll(/\d+|\w{32,}/g, '#')).toBe(real?.error?.message.replaceAll(/\d+|\w{32,}/g, '#'))
  })

  test('a history tells the same memos and errors', async () => {
    const histories = both.map(async ({ peer, reference }) => {
      const { result } = await ask(peer.url, 'getSignaturesForAddress', [reference, { commitment: 'confirmed' }])
      return [0, 1].map((index) => [at(result, index, 'memo'), at(result, index, 'err')])
    })
    const [embedded, real] = await Promise.all(histories)
    expect(embedded).toEqual(real)
  })

  test.for([1, 10, 100, 566])('a memo of %d bytes costs the same, says the same, fails the same', async (length) => {
    const trials = both.map(async ({ peer, payer }) => {
      const blockhash = await blockhashOf(peer.url, 'confirmed')
      const raw = memoTransaction({ payer, reference: payer.publicKey, blockhash, memos: ['x'.repeat(length)] })
      const answer = await ask(peer.url, 'simulateTransaction', [raw, { encoding: 'base64', commitment: 'confirmed' }])
      return ['err', 'logs', 'unitsConsumed', 'fee', 'loadedAccountsDataSize'].map((name) => at(answer, 'result', 'value', name))
    })
    const [embedded, real] = await Promise.all(trials)
    expect(embedded).toEqual(real)
  })
})
