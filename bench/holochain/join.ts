import { cpSync, existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs'
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
  /** Where the space that is joined is kept for other runs. */
  readonly kept: string
}

type Runtime = Awaited<ReturnType<typeof connect>>

const BATCH = 1_000
const t0 = performance.now()
const log = (...m: unknown[]) => console.log(((performance.now() - t0) / 1000).toFixed(1), ...m)

async function world(directory: string) {
  const devnet = await startHolochainDevnet({ directory: join(directory, 'devnet') })
  const open = (name: string, snapshotEvery: number): Promise<Runtime> =>
    connect({
      directory: join(directory, name),
      networks: { holochain: { endpoint: devnet.endpoint, token: devnet.token, confirmedBy: 1, finalBy: 1, snapshotEvery } },
    })
  return { devnet, open }
}

export async function build({ events, documents, kept }: JoinOptions) {
  const { devnet, open } = await world(kept)
  const writer = await open('ada', 0)
  const { id: space } = await writer.createSpace({ name: 'House' })
  await fill(writer, { tasks: `${space}/tasks`, events, documents })
  log('filled')
  await until(async () => (await holochain(writer))?.queued === 0)
  log('sent')
  writeFileSync(join(kept, 'space.json'), JSON.stringify({ space, invite: await writer.invite(space) }))
  await writer.close()
  await devnet.close()
}

/** One after the other in this process, each with a real conductor of its own; who wrote the space is gone when the others join, and his conductor is there. */
export async function measureJoin(options: JoinOptions): Promise<Readonly<Record<'whole' | 'snapshot', Joined>>> {
  const { directory, events, kept } = options
  if (!existsSync(join(kept, 'space.json'))) await build(options)
  cpSync(kept, directory, { recursive: true, filter: (path) => !lstatSync(path).isSocket() })
  const { space, invite } = JSON.parse(readFileSync(join(kept, 'space.json'), 'utf8'))
  const { devnet, open } = await world(directory)
  try {
    const writer = await open('ada', 0)
    await until(async () => Boolean((await holochain(writer))?.facts['nodes connected'] !== undefined))
    const wanted = { invite, tasks: `${space}/tasks`, value: (await writer.getState(`${space}/tasks`)).value }
    await writer.close()
    log('writer closed')
    const whole = await measure(() => open('ben', 0), wanted)
    log(whole)
    const again = await open('ada', events)
    await published(again)
    await again.close()
    log('published')
    return { whole, snapshot: await measure(() => open('carl', 0), wanted) }
  } finally {
    await devnet.close()
  }
}

async function measure(
  open: () => Promise<Runtime>,
  wanted: { readonly invite: string; readonly tasks: string; readonly value: any },
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
    void (async () => {
      for await (const entries of runtime.watchDiagnostics()) for (const e of entries) if (e.diagnostic.kind !== 'event-applied') log(JSON.stringify(e.diagnostic).slice(0, 300))
    })()
    await until(async () => {
      const v: any = (await runtime.getState(wanted.tasks)).value
      const keys = Object.keys(v ?? {})
      const differ = Object.keys(wanted.value).filter((k) => !isDeepStrictEqual(v?.[k], wanted.value[k]))
      log(((performance.now() - began) / 1000).toFixed(1), (await runtime.storage()).events, keys.length, differ.length, differ[0], v?.[differ[0]], wanted.value[differ[0]], sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0))
      await new Promise((r) => setTimeout(r, 5000))
      return isDeepStrictEqual(v, wanted.value)
    })
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
