import { connect, isSpiceTimeError } from 'spicetime'
import type { ConnectionReport } from 'spicetime'

/** A connection report as data. */
export interface Told extends Pick<ConnectionReport, 'state' | 'kind' | 'generation' | 'storage' | 'lost'> {
  readonly code?: string
  readonly message?: string
}

/** What a submit that resolved promised. */
export interface Acknowledged {
  readonly id: string
  readonly path: string
}

export interface Seen {
  readonly value: unknown
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface Closed {
  /** Paths of submits that resolved. */
  readonly resolved: readonly string[]
  /** Paths of submits that the page wrote into its inbox. */
  readonly kept: readonly string[]
  readonly asked: readonly string[]
}

const LANES = 8
const name = new URLSearchParams(location.search).get('name')
const now = (): number => performance.timeOrigin + performance.now()

const told: Told[] = []
const acknowledged: Acknowledged[] = []
const refused: string[] = []
const seen: Seen[] = []
let flying = 0
let loading = false

const runtime = connect(name === null ? {} : { name }).then((client) => {
  client.onConnection(({ state, kind, generation, storage, lost, error }) =>
    told.push({
      state,
      kind,
      generation,
      ...(storage === undefined ? {} : { storage }),
      ...(lost === undefined ? {} : { lost }),
      ...(error === undefined ? {} : { code: error.code, message: error.message }),
    }),
  )
  return client
})
// A test that asks for anything hears of it.
runtime.catch(() => undefined)

async function counted<T>(call: Promise<T>): Promise<T> {
  flying += 1
  try {
    return await call
  } finally {
    flying -= 1
  }
}

async function lane(prefix: string): Promise<void> {
  const client = await runtime
  for (let count = 0; loading; count++) {
    const path = `me/load/${prefix}-${count}`
    try {
      const id = await counted(client.submitEvent({ path, op: 'put', value: count }))
      acknowledged.push({ id, path })
    } catch (error) {
      refused.push(error instanceof Error ? error.message : String(error))
    }
  }
}

/** Opens a tab and waits until it has connected. */
async function popup(query: string): Promise<Window & { readonly tab: Tab }> {
  const opened = window.open(`./?${query}`, '_blank', 'popup') as (Window & { readonly tab: Tab }) | null
  if (opened === null) throw new Error('The popup was blocked.')
  await new Promise((resolve) => {
    const look = (): void => {
      if ('tab' in opened) resolve(undefined)
      else setTimeout(look, 1)
    }
    look()
  })
  await opened.tab.runtime
  return opened
}

async function gone(opened: Window): Promise<void> {
  await new Promise((resolve) => {
    const look = (): void => {
      if (opened.closed) resolve(undefined)
      else setTimeout(look, 1)
    }
    look()
  })
}

const tab = {
  runtime,
  told: (): readonly Told[] => told,
  acknowledged: (): readonly Acknowledged[] => acknowledged,
  refused: (): readonly string[] => refused,
  flying: (): number => flying,
  seen: (): readonly Seen[] => seen,
  kept: [] as string[],

  /** Reads once, and says how many milliseconds it took. */
  async probe(path = 'me/probes/1'): Promise<{ readonly took: number; readonly value: unknown }> {
    const started = performance.now()
    const { value } = await counted((await runtime).getState(path))
    return { took: performance.now() - started, value }
  },

  /** @returns when the call was made, and its event */
  async put(path: string, value: number): Promise<{ readonly id: string; readonly at: number }> {
    const client = await runtime
    const at = now()
    return { id: await client.submitEvent({ path, op: 'put', value }), at }
  },

  async watch(path: string): Promise<void> {
    const states = (await runtime).watchState(path)
    await states.next()
    void (async () => {
      for await (const { value } of states) seen.push({ value, at: now() })
    })()
  },

  load(prefix: string): void {
    loading = true
    for (let number = 0; number < LANES; number++) void lane(`${prefix}-${number}`)
  },

  unload(): void {
    loading = false
  },

  /** The events of the log, newest first. */
  async log(): Promise<readonly Acknowledged[]> {
    const client = await runtime
    const log: Acknowledged[] = []
    let before = Number.MAX_SAFE_INTEGER
    for (;;) {
      const page = await client.events({ limit: 1000, before })
      const last = page.at(-1)
      if (last === undefined) return log
      log.push(...page.map(({ id, path }) => ({ id, path })))
      before = last.position
    }
  },

  /** Opens a tab for each delay, submits there, and closes it that many milliseconds later. */
  async closeEarly(run: string, delays: readonly number[]): Promise<Closed> {
    const closed = { resolved: [] as string[], kept: [] as string[], asked: [] as string[] }
    const one = async (delay: number, index: number): Promise<void> => {
      const path = `me/closed/${run}-${index}`
      const opened = await popup(location.search.slice(1))
      const client = await opened.tab.runtime
      Object.defineProperty(opened.tab, 'kept', { value: closed.kept })
      closed.asked.push(path)
      client.submitEvent({ path, op: 'put', value: index }).then(
        () => closed.resolved.push(path),
        () => undefined,
      )
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
      opened.close()
      await gone(opened)
    }
    for (let start = 0; start < delays.length; start += 4)
      await Promise.all(delays.slice(start, start + 4).map((delay, index) => one(delay, start + index)))
    return closed
  },

  /** Opens and closes that many frames, each with its client, a watch and a read. */
  async openAndClose(count: number, atOnce: number): Promise<void> {
    const one = async (): Promise<void> => {
      const frame = document.createElement('iframe')
      frame.src = `./${location.search}`
      await new Promise((resolve) => {
        frame.onload = resolve
        document.body.append(frame)
      })
      const inner = (frame.contentWindow as (Window & { readonly tab: Tab }) | null)?.tab
      if (inner === undefined) throw new Error('The frame did not load.')
      await inner.watch('me/opened/1')
      await inner.probe()
      frame.remove()
    }
    for (let opened = 0; opened < count; opened += atOnce) await Promise.all(Array.from({ length: Math.min(atOnce, count - opened) }, one))
  },

  /** Asks the worker of that generation through its hook how many ports and streams it has. */
  async hostOpen(generation: string): Promise<{ readonly clients: number; readonly streams: number }> {
    const channel = new BroadcastChannel('tabs-hook')
    try {
      return await new Promise((resolve) => {
        channel.onmessage = ({ data }: MessageEvent<{ readonly answer?: { readonly clients: number; readonly streams: number } }>) => {
          if (data.answer !== undefined) resolve(data.answer)
        }
        channel.postMessage({ ask: 'open', generation })
      })
    } finally {
      channel.close()
    }
  },

  hook(ask: 'wedge' | 'grow', generation: string): void {
    const channel = new BroadcastChannel('tabs-hook')
    channel.postMessage({ ask, generation })
    channel.close()
  },

  /** What connecting or a call is refused with. */
  async refusal(): Promise<{ readonly code: string; readonly message: string } | undefined> {
    try {
      await (await runtime).getState('me/probes/1')
      return undefined
    } catch (error) {
      if (!isSpiceTimeError(error)) throw error
      return { code: error.code, message: error.message }
    }
  },
}

// What goes into the inbox, as it goes there.
const put = Reflect.get(IDBObjectStore.prototype, 'put') as (
  this: IDBObjectStore,
  value: unknown,
  key?: IDBValidKey,
) => IDBRequest<IDBValidKey>
IDBObjectStore.prototype.put = function (value: unknown, key?: IDBValidKey) {
  const request = (value as { readonly request?: { readonly subject?: readonly { readonly path?: string }[] } } | undefined)?.request
  const path = request?.subject?.[0]?.path
  if (path !== undefined) tab.kept.push(path)
  return put.call(this, value, key)
}

export type Tab = typeof tab

declare global {
  var tab: Tab
}

globalThis.tab = tab
