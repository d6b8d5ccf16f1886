import { join } from 'node:path'
import { connect } from 'spicetime/node'
import { startHolochainDevnet } from '../../src/devnet/holochain/holochain-devnet.js'
import { until } from './until.js'

/** What two devices with a real conductor each were seen to do. Milliseconds. */
export interface Synced {
  /** Edits that a signal carries whole. */
  readonly bySignal: readonly number[]
  /** Edits too large for a signal: they come by the DHT, announced. */
  readonly byDht: readonly number[]
  /** From the moment that the writer's conductor is back until the other device shows the whole backlog and nothing of it is left to send. */
  readonly backlog: number
  readonly backlogEvents: number
  /** Batches, which are the DHT's entries, that the backlog went out in. */
  readonly entries: number
}

export interface SyncOptions {
  readonly directory: string
  readonly edits: number
  readonly backlogEvents: number
}

type Runtime = Awaited<ReturnType<typeof connect>>
type Pair = Readonly<Record<'ada' | 'ben', Runtime>>

const BATCH = 1_000
/** Four of these are above a signal's 64 KiB. */
const LARGE = 'x'.repeat(20_000)

export async function measureSync({ directory, edits, backlogEvents }: SyncOptions): Promise<Synced> {
  const devnet = await startHolochainDevnet({ directory: join(directory, 'devnet') })
  const networks = { holochain: { endpoint: devnet.endpoint, token: devnet.token, confirmedBy: 1, finalBy: 1 } }
  const ada = await connect({ directory: join(directory, 'ada'), networks })
  const ben = await connect({ directory: join(directory, 'ben'), networks })
  try {
    const { id: space } = await ada.createSpace({ name: 'House' })
    await ben.joinSpace(await ada.invite(space))
    // The first ones meet conductors that are still finding each other.
    for (let number = 0; number < 3; number++) await visible({ ada, ben }, space, [{ number }])
    const bySignal: number[] = []
    const byDht: number[] = []
    for (let number = 0; number < edits; number++) {
      bySignal.push(await visible({ ada, ben }, space, [{ number }]))
      const parts = Array.from({ length: 4 }, (_, part) => ({ part, text: LARGE }))
      byDht.push(await visible({ ada, ben }, space, parts))
    }
    const name = String(await fact(ada, 'call key'))
    await devnet.offline(name)
    await until(async () => (await holochain(ada))?.state === 'away')
    const before = Number(await fact(ada, 'batches published'))
    await fill(ada, space, backlogEvents)
    const began = performance.now()
    devnet.online(name)
    // An event is applied after all of its author's before it, one by one or by the author's snapshot: who shows the last one has them all.
    const last = `${space}/tasks/${backlogEvents - 1}`
    await until(async () => (await ben.getState(last)).value !== undefined && (await holochain(ada))?.queued === 0)
    const backlog = performance.now() - began
    return { bySignal, byDht, backlog, backlogEvents, entries: Number(await fact(ada, 'batches published')) - before }
  } finally {
    await ada.close()
    await ben.close()
    await devnet.close()
  }
}

async function fill(runtime: Runtime, space: string, events: number): Promise<void> {
  for (let start = 0; start < events; start += BATCH) {
    const inputs = Array.from({ length: Math.min(BATCH, events - start) }, (_, index) => ({
      path: `${space}/tasks/${start + index}`,
      op: 'put' as const,
      value: { title: `Task ${start + index}`, done: false },
    }))
    await runtime.submitEvents(inputs)
  }
}

/** Milliseconds from the submit until the other device shows the last of the values. */
async function visible({ ada, ben }: Pair, space: string, values: readonly Readonly<Record<string, number | string>>[]): Promise<number> {
  const inputs = values.map((value) => ({ path: `${space}/edits/${crypto.randomUUID()}`, op: 'put' as const, value }))
  const over = new AbortController()
  const shown = firstValue(ben, inputs.at(-1)?.path ?? space, over.signal)
  const began = performance.now()
  await ada.submitEvents(inputs)
  const milliseconds = (await shown) - began
  over.abort()
  return milliseconds
}

async function firstValue(runtime: Runtime, path: string, signal: AbortSignal): Promise<number> {
  for await (const { value } of runtime.watchState(path, { signal })) if (value !== undefined) return performance.now()
  return Number.NaN
}

async function holochain(runtime: Runtime) {
  return (await runtime.networks()).find(({ network }) => network === 'holochain')
}

async function fact(runtime: Runtime, name: string): Promise<string | number | undefined> {
  return (await holochain(runtime))?.facts[name]
}
