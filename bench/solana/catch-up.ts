import { connect } from 'spicetime/node'

/** Where the events of a space are, and how one joins it. */
export interface Filled {
  readonly url: string
  readonly events: number
  readonly invite: string
}

const BATCH = 1_000
const LOOK = 100
const CLOSE_LOOK = 50
const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'

type Runtime = Awaited<ReturnType<typeof connect>>

/** A device fills a space on the chain, and ends. */
export async function fill(directory: string, url: string, events: number): Promise<Filled> {
  const writer = await connect({ directory, networks: { solana: { cluster: url } } })
  try {
    const { id: space } = await writer.createSpace({ name: 'Catching up', policies: { tasks: 'consensus' } })
    for (let start = 0; start < events; start += BATCH) {
      const inputs = Array.from({ length: Math.min(BATCH, events - start) }, (_, index) => ({
        path: `${space}/tasks/${start + index}`,
        op: 'put' as const,
        value: { title: `Task ${start + index}`, done: false },
      }))
      await writer.submitEvents(inputs)
      await until(LOOK, async () => (await levels(writer)).every((level) => level !== 'local'))
    }
    await until(LOOK, async () => (await levels(writer)).every((level) => level === 'final'))
    return { url, events, invite: await writer.invite(space) }
  } finally {
    await writer.close()
  }
}

/** Another device joins and reads all of it: signatures checked, order told, documents folded, everything on disk. Milliseconds. */
export async function catchUp(directory: string, { url, events, invite }: Filled): Promise<number> {
  const reader = await connect({ directory, networks: { solana: { cluster: url } } })
  try {
    const began = performance.now()
    await reader.joinSpace(invite)
    await until(CLOSE_LOOK, async () => (await reader.storage()).events >= events)
    return performance.now() - began
  } finally {
    await reader.close()
  }
}

/** The bare loop: what is there, then each transaction. Milliseconds. */
export async function askOneByOne({ url }: Filled): Promise<{ readonly transactions: number; readonly milliseconds: number }> {
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
    if (before === undefined) return { transactions, milliseconds: performance.now() - began }
  }
}

async function levels(runtime: Runtime): Promise<readonly string[]> {
  return (await runtime.events({ limit: BATCH })).map(({ level }) => level)
}

async function until(pause: number, condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, pause))
}

async function call<T>(url: string, method: string, params: readonly unknown[]): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const answer = (await response.json()) as { readonly result?: T; readonly error?: { readonly message: string } }
  if (answer.result === undefined) throw new Error(answer.error?.message ?? `no answer to ${method}`)
  return answer.result
}
