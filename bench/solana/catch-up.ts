import { join } from 'node:path'
import { connect } from 'spicetime/node'
import { startSolanaDevnet } from '../../src/devnet/solana/solana-devnet.js'

/** How long a device took from nothing, and how long it takes to just ask for the same transactions one by one. */
export interface CatchUp {
  readonly events: number
  readonly transactions: number
  /** Milliseconds. */
  readonly ours: number
  readonly bare: number
}

const BATCH = 1_000
const LOOK = 100
const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'

type Runtime = Awaited<ReturnType<typeof connect>>

/** One device fills a space; another one joins it and reads all of it: signatures checked, order told, documents folded, everything on disk. */
export async function catchUp(directory: string, events: number): Promise<CatchUp> {
  const devnet = await startSolanaDevnet({ slotMilliseconds: 50 })
  const networks = { solana: { cluster: devnet.url } }
  const writer = await connect({ directory: join(directory, 'writer'), networks })
  const reader = await connect({ directory: join(directory, 'reader'), networks })
  try {
    const { id: space } = await writer.createSpace({ name: 'Catching up', policies: { tasks: 'consensus' } })
    for (let start = 0; start < events; start += BATCH) {
      const inputs = Array.from({ length: Math.min(BATCH, events - start) }, (_, index) => ({
        path: `${space}/tasks/${start + index}`,
        op: 'put' as const,
        value: { title: `Task ${start + index}`, done: false },
      }))
      await writer.submitEvents(inputs)
      await until(async () => (await levels(writer)).every((level) => level !== 'local'))
    }
    await until(async () => (await levels(writer)).every((level) => level === 'final'))
    const began = performance.now()
    await reader.joinSpace(await writer.invite(space))
    await until(async () => (await reader.storage()).events >= events)
    const ours = performance.now() - began
    return { events, ours, ...(await askOneByOne(devnet.url)) }
  } finally {
    await Promise.all([writer.close(), reader.close()])
    await devnet.close()
  }
}

async function levels(runtime: Runtime): Promise<readonly string[]> {
  return (await runtime.events({ limit: BATCH })).map(({ level }) => level)
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, LOOK))
}

/** The bare loop: what is there, then each transaction. */
async function askOneByOne(url: string): Promise<Pick<CatchUp, 'transactions' | 'bare'>> {
  const began = performance.now()
  let transactions = 0
  let before: string | undefined
  for (;;) {
    const options = { commitment: 'confirmed', limit: 1_000, ...(before === undefined ? {} : { before }) }
    const rows = await call<readonly { readonly signature: string }[]>(url, 'getSignaturesForAddress', [MEMO_PROGRAM, options])
    for (const { signature } of rows) {
      await call(url, 'getTransaction', [signature, { commitment: 'confirmed', encoding: 'json', maxSupportedTransactionVersion: 0 }])
      transactions++
    }
    before = rows.at(-1)?.signature
    if (before === undefined) return { transactions, bare: performance.now() - began }
  }
}

async function call<T>(url: string, method: string, params: readonly unknown[]): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const answer = (await response.json()) as { readonly result?: T; readonly error?: { readonly message: string } }
  if (answer.result === undefined) throw new Error(answer.error?.message ?? `no answer to ${method}`)
  return answer.result
}
