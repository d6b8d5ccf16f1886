import { join } from 'node:path'
import type { EventSummary, RuntimeClient } from 'spicetime'
import { connect } from 'spicetime/node'
import { startIpfsDevnet } from '../../src/devnet/ipfs/ipfs-devnet.js'
import { startSolanaDevnet } from '../../src/devnet/solana/solana-devnet.js'

/** What a burst left on the chain. */
export interface Burst {
  readonly transactions: number
  /** Of all transactions together. */
  readonly bytes: number
  /** Lamports. */
  readonly fees: number
  /** Of each event. */
  readonly signedBytes: readonly number[]
  /** From the submit until all were confirmed. */
  readonly milliseconds: number
}

const LOOK = 500
const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'

/** Submits that many small consensus events of one author at once, and looks at the chain. */
export async function burst(directory: string, count: number): Promise<Burst> {
  const devnet = await startSolanaDevnet()
  try {
    return await burstOn(devnet.url, { directory: join(directory, 'memos'), count, networks: {} })
  } finally {
    await devnet.close()
  }
}

/** The same on a device that has storage: its own Helia, and the embedded peer that fetches from it what it is to pin. */
export async function listedBurst(directory: string, count: number): Promise<Burst> {
  const devnet = await startSolanaDevnet()
  const storage = await startIpfsDevnet({ directory: join(directory, 'peer'), origins: ['*'], kind: 'embedded' })
  try {
    const { peer, gateway, pins } = storage
    const networks = { ipfs: { peers: [peer], gateways: [gateway], pins: [pins] } }
    return await burstOn(devnet.url, { directory: join(directory, 'lists'), count, networks })
  } finally {
    await storage.close()
    await devnet.close()
  }
}

interface BurstOptions {
  readonly directory: string
  readonly count: number
  /** Beside Solana. */
  readonly networks: object
}

async function burstOn(url: string, { directory, count, networks }: BurstOptions): Promise<Burst> {
  const runtime = await connect({ directory, networks: { ...networks, solana: { cluster: url } } })
  try {
    const { id: space } = await runtime.createSpace({ name: 'Burst' })
    if ('ipfs' in networks) await openStorage(runtime, space)
    const inputs = Array.from({ length: count }, (_, index) => ({
      path: `${space}/tasks/${index}`,
      op: 'put' as const,
      value: { title: `Task ${index}`, done: false },
      requires: 'consensus' as const,
    }))
    const began = performance.now()
    await runtime.submitEvents(inputs)
    let events: readonly EventSummary[]
    // A look at the log now and then: a wait for each of a thousand events would be a measure of its own.
    do {
      await new Promise((resolve) => setTimeout(resolve, LOOK))
      events = await runtime.events({ limit: count })
    } while (!events.every(({ level }) => level === 'confirmed' || level === 'final'))
    const milliseconds = performance.now() - began
    return { ...(await onChain(url)), signedBytes: events.map(({ bytes }) => bytes), milliseconds }
  } finally {
    await runtime.close()
  }
}

/** It opens with the first content; until it is open, small events go without it. */
async function openStorage(runtime: RuntimeClient, space: string): Promise<void> {
  const id = await runtime.putFile(`${space}/files/first/content`, new Blob(['first']))
  await runtime.reached(id, 'local')
  for (;;) {
    const storage = (await runtime.networks()).find(({ network }) => network === 'ipfs')
    if (storage?.state === 'connected') return
    await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
}

async function onChain(url: string): Promise<Pick<Burst, 'transactions' | 'bytes' | 'fees'>> {
  const rows = await call<readonly { readonly signature: string }[]>(url, 'getSignaturesForAddress', [
    MEMO_PROGRAM,
    { commitment: 'confirmed', limit: 1_000 },
  ])
  let [bytes, fees] = [0, 0]
  for (const { signature } of rows) {
    const options = { commitment: 'confirmed', encoding: 'base64', maxSupportedTransactionVersion: 0 }
    const found = await call<{ transaction: [string, string]; meta: { fee: number } }>(url, 'getTransaction', [signature, options])
    bytes += Buffer.from(found.transaction[0], 'base64').length
    fees += found.meta.fee
  }
  return { transactions: rows.length, bytes, fees }
}

async function call<T>(url: string, method: string, params: readonly unknown[]): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const answer = (await response.json()) as { readonly result?: T; readonly error?: { readonly message: string } }
  if (answer.result === undefined) throw new Error(answer.error?.message ?? `no answer to ${method}`)
  return answer.result
}
