import { connect, isSpiceTimeError } from 'spicetime'
import type { EventInput, RuntimeClient } from 'spicetime'

/** What a submit that resolved promised. */
export interface Acknowledged {
  readonly id: string
  readonly path: string
  readonly value: number
}

export interface Logged {
  readonly id: string
  readonly space: string
  readonly seq: number
}

/** How a refusal reached the page. */
export interface Refused {
  readonly code: string
  readonly message: string
  readonly context: Readonly<Record<string, unknown>>
}

const LANES = 16
let lost: string | undefined

/** An application that embeds the runtime by its public API alone, and does what the tests ask for. */
const app = {
  runtime: connect().then((runtime) => {
    runtime.onConnection((report) => (lost = report.lost))
    return runtime
  }),

  /** The author whose data the browser threw away, once the page was told. */
  lost: (): string | undefined => lost,

  async space(): Promise<string> {
    const runtime = await app.runtime
    const [known] = await runtime.spaces()
    return (known ?? (await runtime.createSpace({ name: 'Shared', id: 'shared' }))).id
  },

  /** Submits without end: singles in `me`, many in flight in a space, and batches; tells of each that resolved. */
  async stream(run: number, tell: (done: readonly Acknowledged[]) => void): Promise<void> {
    const runtime = await app.runtime
    const space = await app.space()
    const single = async (collection: string, lane: number): Promise<void> => {
      for (let value = 0; ; value++) {
        const path = `${collection}/${run}-${lane}-${value}`
        tell([{ id: await runtime.submitEvent({ path, op: 'put', value }), path, value }])
      }
    }
    const batches = async (): Promise<void> => {
      for (let batch = 0; ; batch++) {
        const inputs = Array.from({ length: 20 }, (_, index): EventInput & { value: number } => ({
          path: `${space}/batched/${run}-${batch}-${index}`,
          op: 'put',
          value: index,
        }))
        const ids = await runtime.submitEvents(inputs)
        tell(inputs.map(({ path, value }, index) => ({ id: ids[index] ?? '', path, value })))
      }
    }
    await Promise.race([single('me/single', 0), batches(), ...Array.from({ length: LANES }, (_, lane) => single(`${space}/flying`, lane))])
  },

  /** The whole log, newest first: ids with their author's number in its space. */
  async log(): Promise<readonly Logged[]> {
    const runtime = await app.runtime
    const log: Logged[] = []
    let before = Number.MAX_SAFE_INTEGER
    for (;;) {
      const page = await runtime.events({ limit: 1000, before })
      const last = page.at(-1)
      if (last === undefined) return log
      log.push(...page.map(({ id, space, seq }) => ({ id, space, seq })))
      before = last.position
    }
  },

  async values(paths: readonly string[]): Promise<readonly unknown[]> {
    const runtime = await app.runtime
    return await Promise.all(paths.map(async (path) => (await runtime.getState(path)).value))
  },

  /** Calls back into the runtime; what it refuses comes back as data. */
  async refused(attempt: (runtime: RuntimeClient) => Promise<unknown>): Promise<Refused | undefined> {
    try {
      await attempt(await app.runtime)
      return undefined
    } catch (error) {
      if (!isSpiceTimeError(error)) throw error
      return { code: error.code, message: error.message, context: { ...error.context } }
    }
  },
}

export type EmbeddingApp = typeof app

declare global {
  var app: EmbeddingApp
}

globalThis.app = app
