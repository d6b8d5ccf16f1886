import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { shortIdOf } from '../codec/event-id.js'
import type { Event, EventId } from '../model/event.js'
import { parsePath } from '../model/path.js'
import type { SpaceId } from '../model/path.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { exchangeAll, openSpaceOf, Replica } from '../testing/replicas.js'
import { copyOf, headerOf, write } from './test/member-pen.js'
import type { Written } from './test/member-pen.js'

let platform: ManualPlatform
let ada: Replica
let ben: Replica
let space: SpaceId

beforeEach(async () => {
  platform = new ManualPlatform({ seed: 1, start: 1_800_000_000_000 })
  ada = await Replica.open(platform)
  ben = await Replica.open(platform)
  space = await openSpaceOf([ada, ben])
  await exchangeAll([ada, ben], space)
})

/** Keystrokes at the end of a note's text. */
async function type(keys: string, { by = ada, note = '1', from = 0 } = {}): Promise<readonly EventId[]> {
  const ids: EventId[] = []
  for (const [index, key] of keys.split('').entries()) {
    const at = from + index
    const delta = at === 0 ? [{ insert: key }] : [{ retain: at }, { insert: key }]
    ids.push(await by.runtime.submitEvent({ path: `${space}/notes/${note}/text`, op: 'text', delta }))
  }
  return ids
}

async function stateOf(replica: Replica, path: string): Promise<{ value: unknown; heads: readonly string[]; pending: readonly string[] }> {
  const answer = await replica.runtime.getState(path)
  if (answer.kind !== 'state') throw new Error('no document')
  return answer.state
}

async function newest(replica: Replica): Promise<Event> {
  const event = (await replica.log(space)).at(-1)
  if (event === undefined) throw new Error('the log is empty')
  return event
}

/** Everything a device knows of the space, however it came to know it. */
async function printOf(replica: Replica): Promise<string> {
  const ids = (await replica.log(space)).map(({ id }) => id).toSorted()
  return `${await replica.fingerprint(space)} ${ids.join()}`
}

async function settle(...replicas: readonly Replica[]): Promise<void> {
  for (let round = 0; round < 4; round++) {
    platform.advance(10)
    await Promise.all(replicas.map((replica) => replica.runtime.intake.settled()))
  }
}

async function inOrder(order: readonly Uint8Array[], base: Replica = ben): Promise<Replica> {
  const replica = await Replica.open(platform, copyOf(base.disk))
  for (const bytes of order) await replica.receive(bytes)
  await settle(replica)
  return replica
}

describe('on the device that wrote them', () => {
  test('one event takes the places of a burst, and asking for any of them leads to it', async () => {
    const path = `${space}/notes/1`
    const before = (await ada.log(space)).length
    const ids = await type('timber')
    await ada.merge()
    expect((await ada.log(space)).length).toBe(before + 1)
    const merged = await newest(ada)
    expect(merged).toMatchObject({ op: 'text', path: `${path}/text` })
    expect(merged.supersedes).toEqual(ids.map(shortIdOf))
    expect(await stateOf(ada, `${path}/text`)).toMatchObject({ value: 'timber', heads: [merged.id], pending: [merged.id] })
    for (const id of ids) expect(await ada.runtime.trace(id)).toMatchObject({ id: merged.id, supersedes: 6 })
    const [after] = await ada.runtime.submitEvents([{ path: `${space}/cards/1`, op: 'put', value: 1, after: [ids[2] ?? ''] }])
    expect((await ada.runtime.trace(after ?? '')).parents).toContain(merged.id)
    expect(await ada.runtime.getState(`${path}/text`, { at: ids[1] ?? '' })).toMatchObject({ state: { value: 'timber' } })
    await ada.restart()
    await type('s', { from: 6 })
    await ben.receive(...(await ada.log(space)).map(({ bytes }) => bytes))
    expect(await ben.value(`${path}/text`)).toBe('timbers')
    expect(await printOf(ben)).toBe(await printOf(ada))
  })

  test('each of them can still be undone by itself', async () => {
    await type('abc')
    await ada.merge()
    await ada.runtime.undo({ under: `${space}/notes` })
    expect(await ada.value(`${space}/notes/1/text`)).toBe('ab')
    await ada.restart()
    await ada.runtime.undo({ under: `${space}/notes` })
    expect(await ada.value(`${space}/notes/1/text`)).toBe('a')
    await exchangeAll([ada, ben], space)
    expect(await ben.value(`${space}/notes/1/text`)).toBe('a')
    // Who never had them takes back what is left of the whole.
    await ben.runtime.undo({ author: ada.runtime.me, under: `${space}/notes` })
    expect(await ben.value(`${space}/notes/1/text`)).toBeUndefined()
    await exchangeAll([ada, ben], space)
    expect(await printOf(ben)).toBe(await printOf(ada))
  })

  test('another document, another author’s answer and another need end a run', async () => {
    await type('ab')
    await ada.runtime.submitEvent({ path: `${space}/cards/1`, op: 'put', value: { column: 'done' } })
    await type('cd', { from: 2 })
    const before = await ada.fingerprint(space)
    await ada.merge()
    expect((await ada.log(space)).slice(-3).map(({ supersedes, path }) => [path.split('/')[1], supersedes?.length])).toEqual(
      expect.arrayContaining([
        ['notes', 2],
        ['cards', undefined],
        ['notes', 2],
      ]),
    )
    await ben.receive(...(await ada.log(space)).map(({ bytes }) => bytes))
    expect(await ben.fingerprint(space)).toBe(before)
    expect(await ada.fingerprint(space)).toBe(before)
  })

  test('a thousand keystrokes are one event of a twentieth of their bytes', async () => {
    const known = (await ada.log(space)).length
    await ada.runtime.submitEvents(
      Array.from({ length: 1_000 }, (_, at) => ({
        path: `${space}/notes/1/text`,
        op: 'text' as const,
        delta: at === 0 ? [{ insert: 'x' }] : [{ retain: at }, { insert: 'x' }],
      })),
    )
    const bytes = async (): Promise<number> => (await ada.log(space)).slice(known).reduce((sum, event) => sum + event.bytes.length, 0)
    const unmerged = await bytes()
    await ada.merge()
    expect((await ada.log(space)).length - known).toBe(1)
    expect(await bytes()).toBeLessThan(unmerged / 20)
    await ben.receive(...(await ada.log(space)).map((event) => event.bytes))
    expect(await printOf(ben)).toBe(await printOf(ada))
  })
})

describe('on devices that got some of them first', () => {
  test('P2, P4: every order of the originals, of what was built on them and of what supersedes them ends alike', async () => {
    await type('ab')
    await ben.receive(...(await ada.log(space)).slice(-2).map(({ bytes }) => bytes))
    await type('!', { by: ben, from: 2 })
    const answer = await newest(ben)
    await type('cd', { from: 2 })
    const originals = (await ada.log(space)).slice(-4)
    await ada.merge()
    const merged = await newest(ada)
    await type('e', { from: 4 })
    const all = [...originals, answer, merged, await newest(ada)].map(({ bytes }) => bytes)
    const founded = await Replica.open(platform)
    await founded.runtime.joinSpace(await ada.runtime.invite(space))
    await founded.receive(...(await ada.log(space)).slice(0, -2).map(({ bytes }) => bytes))
    const expected = await printOf(await inOrder(all, founded))
    const heads = (await stateOf(await inOrder(all, founded), `${space}/notes/1`)).heads.toSorted()
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...all.keys()], { minLength: all.length }), async (order) => {
        const replica = await inOrder(
          order.flatMap((index) => all[index] ?? []),
          founded,
        )
        expect(await printOf(replica)).toBe(expected)
        expect((await stateOf(replica, `${space}/notes/1`)).heads.toSorted()).toEqual(heads)
        await replica.restart()
        expect(await printOf(replica)).toBe(expected)
      }),
      { numRuns: 60 },
    )
  })
})

describe('P4, P7: an author who lies about what he supersedes', () => {
  interface Lies {
    readonly honest: readonly Event[]
    readonly written: readonly Written[]
  }

  /** Five honest keystrokes, another's answer to the third, and what a modified client could make of them. */
  async function lies(): Promise<Lies> {
    await type('abcde')
    const honest = (await ada.log(space)).slice(-5)
    const [first, second, third, fourth, fifth] = honest
    if (!first || !second || !third || !fourth || !fifth) throw new Error('the log is short')
    const reader = await Replica.open(platform, copyOf(ben.disk))
    await reader.receive(...honest.slice(0, 3).map(({ bytes }) => bytes))
    await type('!', { by: reader, from: 3 })
    const answer = await newest(reader)
    const text = parsePath(`${space}/notes/1/text`)
    const claim = async (events: readonly Event[], update: Uint8Array | undefined, path = text): Promise<Written> => {
      const [from, to] = [events[0], events.at(-1)]
      if (from === undefined || to === undefined) throw new Error('nothing to supersede')
      const header = { ...headerOf(to), parents: from.parents, supersedes: events.map(({ id }) => shortIdOf(id)) }
      const { previous: _dropped, ...rest } = header
      return await write(ada, space, {
        header: from.previous === undefined ? rest : { ...rest, previous: from.previous },
        content: { path, op: 'text', body: update === undefined ? {} : { update } },
      })
    }
    const written = [
      await claim([first, second, third, fourth], first.body.update),
      await claim([third, fourth, fifth], third.body.update),
      await claim([first, second], first.body.update),
      await claim([first, second, third], third.body.update),
      await claim([first, answer, third], first.body.update),
      await claim([second, third], second.body.update, parsePath(`${space}/notes/2/text`)),
      // Another event in the middle of a run.
      await write(ada, space, {
        header: { ...headerOf(fourth), previous: third.id, parents: [third.id], time: fourth.time + 1 },
        content: { path: text, op: 'text', body: { update: fourth.body.update ?? new Uint8Array() } },
      }),
    ]
    return { honest: [...honest, answer], written }
  }

  test('comes to the same state and the same log on every device, in whatever order', async () => {
    const { honest, written } = await lies()
    const all = [...honest, ...written].map(({ bytes }) => bytes)
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([...all.keys()], { minLength: 3 }).chain((some) => fc.tuple(shuffled(some), shuffled(some))),
        async ([one, other]) => {
          const [a, b] = [await inOrder(one.map((index) => at(all, index))), await inOrder(other.map((index) => at(all, index)))]
          // What waited for something else is offered again, as networks do.
          for (const index of one) {
            await a.receive(at(all, index))
            await b.receive(at(all, index))
          }
          await settle(a, b)
          expect(await printOf(b)).toBe(await printOf(a))
          await a.restart()
          expect(await printOf(a)).toBe(await printOf(b))
        },
      ),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 150) },
    )
  }, 300_000)

  test('takes no event of another author out of the state', async () => {
    await type('x', { by: ben, note: '7' })
    const foreign = await newest(ben)
    await type('ab')
    const [first, second] = (await ada.log(space)).slice(-2)
    if (!first || !second) throw new Error('the log is short')
    const lie = await write(ada, space, {
      header: {
        ...headerOf(second),
        previous: first.previous ?? first.id,
        parents: [],
        supersedes: [shortIdOf(foreign.id), shortIdOf(second.id)],
      },
      content: { path: second.path, op: 'text', body: { update: first.body.update ?? new Uint8Array() } },
    })
    const replica = await inOrder([lie.bytes, foreign.bytes], await Replica.open(platform, copyOf(ben.disk)))
    expect(await replica.value(`${space}/notes/7/text`)).toBe('x')
  })
})

function shuffled(items: readonly number[]): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length })
}

function at(all: readonly Uint8Array[], index: number): Uint8Array {
  const bytes = all[index]
  if (bytes === undefined) throw new Error(`no event ${index}`)
  return bytes
}
