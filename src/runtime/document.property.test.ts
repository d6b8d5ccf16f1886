import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLocalClient } from './local-client.js'
import { nodePlatform } from './platform/node.js'
import type { LiveDocument, RuntimeClient } from './runtime-client.js'
import { exchangeAll, openSpaceOf, Replica } from './testing/replicas.js'

const PATH = 'shared/tasks/1/notes'

/** What one of three editors (two tabs of one device, one of another) does next; positions are taken modulo the length. */
type Step =
  | { readonly kind: 'insert'; readonly who: number; readonly at: number; readonly text: string }
  | { readonly kind: 'delete' | 'bold'; readonly who: number; readonly at: number; readonly length: number }
  | { readonly kind: 'save' | 'restart' | 'exchange' | 'put'; readonly who: number }

/** Letters of one code unit each: no editor cuts a surrogate pair in two, where Yjs would put U+FFFD on the device that did. */
const letter = fc.constantFrom('a', 'b', ' ', '\n', 'é', '漢', '\u0301')
const who = fc.nat(2)
const at = fc.nat(40)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      who,
      at,
      text: fc.string({ unit: letter, minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('delete' as const, 'bold' as const), who, at, length: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('save' as const, 'exchange' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'put' as const), who }) },
)

/** Two devices; the first has two editors. An editor that is opened anew goes on where the field is. */
class World {
  readonly #clients: RuntimeClient[] = []
  readonly editors: LiveDocument[] = []
  /** Why editors ended that nobody closed. */
  readonly #broken: unknown[] = []

  private constructor(
    readonly replicas: readonly Replica[],
    readonly space: Awaited<ReturnType<typeof openSpaceOf>>,
  ) {}

  static async open(): Promise<World> {
    const replicas = [await Replica.open(nodePlatform), await Replica.open(nodePlatform)]
    const world = new World(replicas, await openSpaceOf(replicas))
    for (const who of [0, 1, 2]) await world.reopen(who)
    return world
  }

  replicaOf(who: number): Replica {
    const replica = this.replicas[who === 2 ? 1 : 0]
    if (replica === undefined) throw new Error('no device')
    return replica
  }

  async reopen(who: number): Promise<void> {
    const { runtime, diagnostics } = this.replicaOf(who)
    const client = createLocalClient({ runtime, diagnostics, generation: 'test', since: 0, ownsRuntime: false })
    this.#clients.push(client)
    const editor = await client.doc(PATH)
    this.editors[who] = editor
    void editor.closed.then((error) => error !== undefined && this.#broken.push(error))
  }

  async run(step: Step): Promise<void> {
    const editor = this.editors[step.who]
    if (editor === undefined) return
    const { text } = editor
    switch (step.kind) {
      case 'insert':
        return text.insert(step.at % (text.length + 1), step.text)
      case 'delete':
      case 'bold': {
        const start = text.length === 0 ? 0 : step.at % text.length
        const length = Math.min(step.length, text.length - start)
        if (length === 0) return
        return step.kind === 'delete' ? text.delete(start, length) : text.format(start, length, { bold: true })
      }
      case 'save':
        return await editor.saved()
      case 'put':
        // Beside the editors, another part of the app changes the same document.
        return void (await this.replicaOf(step.who).runtime.submitEvent({ path: 'shared/tasks/1/title', op: 'put', value: `${step.who}` }))
      case 'exchange':
        return await exchangeAll(this.replicas, this.space)
      case 'restart':
        return await this.#restart(step.who)
    }
  }

  /** All that was written is saved and everywhere, in the editors too: what these tidy up of what came is written as well, and has to come to the others. */
  async settle(): Promise<void> {
    await expect.poll(async () => await this.#shown(), { timeout: 20_000 }).toHaveLength(1)
    expect(this.#broken).toEqual([])
    const [first, second] = this.replicas
    expect(await first?.fingerprint('shared/tasks')).toBe(await second?.fingerprint('shared/tasks'))
    expect((await first?.value(PATH)) ?? '').toBe(this.editors[0]?.text.toString())
  }

  /** What the editors show, each text once. */
  async #shown(): Promise<readonly string[]> {
    for (const editor of this.editors) await editor.saved()
    await exchangeAll(this.replicas, this.space)
    return [...new Set(this.editors.map(lettersOf))]
  }

  async close(): Promise<void> {
    for (const editor of this.editors) await editor.close()
    for (const client of this.#clients) await client.close()
    for (const replica of this.replicas) await replica.runtime.close()
  }

  /** A new life of the device's runtime; its editors had saved. */
  async #restart(who: number): Promise<void> {
    const replica = this.replicaOf(who)
    const affected = [0, 1, 2].filter((one) => this.replicaOf(one) === replica)
    for (const one of affected) await this.editors[one]?.close()
    await replica.restart()
    for (const one of affected) await this.reopen(one)
  }
}

/** Each letter with its format: Yjs may cut runs of one format differently. */
function lettersOf({ text }: LiveDocument): string {
  const runs: readonly { readonly insert?: unknown; readonly attributes?: unknown }[] = text.toDelta()
  return runs
    .flatMap(({ insert, attributes }) => Array.from(String(insert), (letter) => letter + JSON.stringify(attributes ?? {})))
    .join('')
}

describe('editors of one field', () => {
  test('whatever two tabs and another device write at once, all have the same text, and the devices the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = await World.open()
        try {
          for (const one of steps) await world.run(one)
          await world.settle()
        } finally {
          await world.close()
        }
      }),
      { numRuns: 40, endOnFailure: true },
    )
  })

  test('no saved letter is lost or doubled', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ who, at }), { minLength: 3, maxLength: 60 }), async (places) => {
        const world = await World.open()
        try {
          // Each letter is another one: what is there in the end is just what was written.
          const letters = places.map((_, index) => String.fromCodePoint(0x4e00 + index))
          for (const [index, place] of places.entries()) {
            await world.run({ kind: 'insert', ...place, text: letters[index] ?? '' })
            if (index % 7 === 0) await world.run({ kind: 'exchange', who: 0 })
          }
          await world.settle()
          expect(Array.from(world.editors[0]?.text.toString() ?? '').sort()).toEqual(letters)
        } finally {
          await world.close()
        }
      }),
      { numRuns: 15 },
    )
  })
})
