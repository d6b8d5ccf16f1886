import { channel } from 'node:diagnostics_channel'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { connect } from 'spicetime/node'
import { startHolochainDevnet } from '../../src/devnet/holochain/holochain-devnet.js'
import { until } from './until.js'

/** What it took a device to have the whole space. Bytes: all that came to its process over sockets. */
export interface Joined {
  readonly milliseconds: number
  readonly bytes: number
}

export interface JoinOptions {
  readonly directory: string
  readonly events: number
  /** Entities that the events are spread over. */
  readonly documents: number
}

type Runtime = Awaited<ReturnType<typeof connect>>

const BATCH = 1_000

/** One after the other in this process, each with a real conductor of its own; who wrote the space is gone when the others join, and his conductor is there. */
export async function measureJoin({ directory, events, documents }: JoinOptions): Promise<Readonly<Record<'whole' | 'snapshot', Joined>>> {
  const devnet = await startHolochainDevnet({ directory: join(directory, 'devnet') })
  const open = (name: string, snapshotEvery: number): Promise<Runtime> =>
    connect({
      directory: join(directory, name),
      networks: { holochain: { endpoint: devnet.endpoint, token: devnet.token, confirmedBy: 1, finalBy: 1, snapshotEvery } },
    })
  try {
    const writer = await open('ada', 0)
    const { id: space } = await writer.createSpace({ name: 'House' })
    await fill(writer, { tasks: `${space}/tasks`, events, documents })
    await until(async () => (await holochain(writer))?.queued === 0)
    const wanted = { invite: await writer.invite(space), tasks: `${space}/tasks`, value: (await writer.getState(`${space}/tasks`)).value }
    await writer.close()
    const whole = await measure(() => open('ben', 0), wanted)
    const again = await open('ada', events)
    await published(again)
    await again.close()
    return { whole, snapshot: await measure(() => open('carl', 0), wanted) }
  } finally {
    await devnet.close()
  }
}

async function measure(
  open: () => Promise<Runtime>,
  wanted: { readonly invite: string; readonly tasks: string; readonly value: unknown },
): Promise<Joined> {
  const sockets: Socket[] = []
  const keep = (message: unknown): void => {
    if (typeof message === 'object' && message !== null && 'socket' in message && message.socket instanceof Socket)
      sockets.push(message.socket)
  }
  const made = channel('net.client.socket')
  made.subscribe(keep)
  const runtime = await open()
  try {
    const began = performance.now()
    await runtime.joinSpace(wanted.invite)
    await until(async () => isDeepStrictEqual((await runtime.getState(wanted.tasks)).value, wanted.value))
    return { milliseconds: performance.now() - began, bytes: sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0) }
  } finally {
    made.unsubscribe(keep)
    await runtime.close()
  }
}

async function fill(
  runtime: Runtime,
  { tasks, events, documents }: { readonly tasks: string; readonly events: number; readonly documents: number },
): Promise<void> {
  for (let start = 0; start < events; start += BATCH) {
    const inputs = Array.from({ length: Math.min(BATCH, events - start) }, (_, index) => ({
      path: `${tasks}/${(start + index) % documents}`,
      op: 'patch' as const,
      value: { title: `Task ${start + index}`, done: false },
    }))
    await runtime.submitEvents(inputs)
  }
}

async function published(runtime: Runtime): Promise<void> {
  for await (const entries of runtime.watchDiagnostics())
    if (entries.some(({ diagnostic }) => diagnostic.kind === 'snapshot-published')) return
}

async function holochain(runtime: Runtime) {
  return (await runtime.networks()).find(({ network }) => network === 'holochain')
}
