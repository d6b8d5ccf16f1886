import { cpSync, existsSync, lstatSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
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
  /** Where what was built is kept for the next run; building it takes the longest. */
  readonly kept?: string
}

/** `start`: joining a space of one event, which is a conductor that starts and finds the others. */
export type Joins = Readonly<Record<'start' | 'whole' | 'snapshot', Joined>>

type Runtime = Awaited<ReturnType<typeof connect>>

/** What who joins is told. */
interface Invited {
  readonly invite: string
  /** The document that was written last. */
  readonly last: string
  readonly tasks: string
}

const BATCH = 1_000

/** Each in a copy of what was built, with real conductors: who wrote the space is gone when others join, and his conductor is there. */
export async function measureJoin({ directory, events, documents, kept }: JoinOptions): Promise<Joins> {
  let places = 0
  // Short: a conductor's keystore has a socket in there, and the path of one has at most 107 bytes.
  const place = (): string => join(directory, String(places++))
  const built = async (name: string, work: (place: string) => Promise<void>): Promise<string> => {
    const known = kept === undefined ? undefined : join(kept, name)
    if (known !== undefined && existsSync(known)) return known
    const made = place()
    await work(made)
    if (known !== undefined) {
      copy(made, `${known}.part`)
      renameSync(`${known}.part`, known)
    }
    return made
  }
  const whole = await built(`${events}-${documents}`, (at) => build(at, { events, documents }))
  const withSnapshot = await built(`${events}-${documents}-snapshot`, (at) => publish(whole, { at, events }))
  const joined = (source: string, name: 'small' | 'large'): Promise<Joined> => {
    const at = place()
    copy(source, at)
    return measure(at, name)
  }
  return { start: await joined(whole, 'small'), snapshot: await joined(withSnapshot, 'large'), whole: await joined(whole, 'large') }
}

async function build(at: string, { events, documents }: Pick<JoinOptions, 'events' | 'documents'>): Promise<void> {
  const world = await open(at)
  const ada = await world.device('ada')
  const invited = async (name: string, count: number): Promise<Invited> => {
    const { id } = await ada.createSpace({ name })
    const tasks = `${id}/tasks`
    await fill(ada, { tasks, events: count, documents })
    return { invite: await ada.invite(id), tasks, last: `${tasks}/${(count - 1) % documents}` }
  }
  const spaces = { small: await invited('Hut', 1), large: await invited('House', events) }
  await until(async () => (await holochain(ada))?.queued === 0)
  await ada.close()
  await world.close()
  writeFileSync(join(at, 'spaces.json'), JSON.stringify(spaces))
}

async function publish(source: string, { at, events }: { readonly at: string; readonly events: number }): Promise<void> {
  copy(source, at)
  const world = await open(at)
  const ada = await world.device('ada', events)
  for await (const entries of ada.watchDiagnostics()) if (entries.some(({ diagnostic }) => diagnostic.kind === 'snapshot-published')) break
  await ada.close()
  await world.close()
}

async function measure(at: string, name: 'small' | 'large'): Promise<Joined> {
  const spaces = JSON.parse(readFileSync(join(at, 'spaces.json'), 'utf8')) as Readonly<Record<'small' | 'large', Invited>>
  const { invite, last, tasks } = spaces[name]
  const world = await open(at)
  const ada = await world.device('ada')
  await until(async () => (await holochain(ada))?.state === 'connected')
  const [wanted, value] = [(await ada.getState(last)).value, (await ada.getState(tasks)).value]
  await ada.close()
  const sockets: Socket[] = []
  const keep = (message: unknown): void => {
    if (typeof message === 'object' && message !== null && 'socket' in message && message.socket instanceof Socket)
      sockets.push(message.socket)
  }
  const made = channel('net.client.socket')
  made.subscribe(keep)
  const ben = await world.device('ben')
  try {
    const began = performance.now()
    await ben.joinSpace(invite)
    // An event is applied after all before it: who shows the last one has them all.
    await until(async () => isDeepStrictEqual((await ben.getState(last)).value, wanted))
    const milliseconds = performance.now() - began
    if (!isDeepStrictEqual((await ben.getState(tasks)).value, value)) throw new Error('who joined has another state')
    return { milliseconds, bytes: sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0) }
  } finally {
    made.unsubscribe(keep)
    await ben.close()
    await world.close()
  }
}

/** Devices whose files, and whose conductors', are below a place. */
async function open(place: string) {
  const devnet = await startHolochainDevnet({ directory: join(place, 'devnet') })
  return {
    close: () => devnet.close(),
    device: (name: string, snapshotEvery = 0): Promise<Runtime> =>
      connect({
        directory: join(place, name),
        networks: { holochain: { endpoint: devnet.endpoint, token: devnet.token, confirmedBy: 1, finalBy: 1, snapshotEvery } },
      }),
  }
}

/** A conductor's keystore says itself where it is; its socket is made anew. */
function copy(source: string, place: string): void {
  cpSync(source, place, { recursive: true, filter: (path) => !lstatSync(path).isSocket() })
  for (const device of readdirSync(join(place, 'devnet'))) {
    const config = join(place, 'devnet', device, 'data', 'ks', 'lair-keystore-config.yaml')
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll(source, place))
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

async function holochain(runtime: Runtime) {
  return (await runtime.networks()).find(({ network }) => network === 'holochain')
}
