import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { attachSignature, encodeUnsigned } from '../../codec/event-codec.js'
import type { EventPayload } from '../../codec/event-codec.js'
import { computeEventId, referenceFromBytes } from '../../codec/event-id.js'
import { authorOf, generateAuthorPair } from '../../crypto/signing.js'
import type { Author } from '../../crypto/signing.js'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventHeader, EventId } from '../../model/event.js'
import { REQUIREMENTS } from '../../model/network.js'
import { parseEventPath } from '../../model/path.js'
import { toBase94 } from './base94.js'
import { MOST_MEMO_CHARACTERS } from './memo-format.js'
import type { MemoEvent } from './memo-format.js'
import { decodeMemo } from './memo-text.js'
import { MemoWriter } from './memo-writer.js'

const space = referenceFromBytes(new Uint8Array(32).fill(7))
const path = parseEventPath('space/things/one')

/** How an event hangs together with those before it: `back` counts events, 0 is one that nobody knows. */
interface Shape {
  readonly gap: number
  readonly wait: number
  readonly needs: readonly number[]
  readonly parents: readonly number[]
  readonly expect: readonly number[] | 'parents' | undefined
  readonly body: { readonly epoch: number; readonly sealed: Uint8Array } | { readonly value: string }
}

const links = fc.uniqueArray(fc.nat(5), { maxLength: 3 })
const shape: fc.Arbitrary<Shape> = fc.record({
  gap: fc.oneof(fc.constant(0), fc.nat(1000)),
  wait: fc.oneof(fc.constant(1), fc.nat(100_000)),
  needs: fc.oneof(fc.constant([3]), fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 })),
  parents: fc.oneof(fc.constant([1]), links),
  expect: fc.oneof(fc.constant(undefined), fc.constant('parents' as const), links),
  body: fc.oneof(
    fc.record({ epoch: fc.nat(3), sealed: fc.uint8Array({ maxLength: 120 }) }),
    fc.record({ value: fc.string({ unit: 'binary', maxLength: 60 }) }),
  ),
})

let author: Author
beforeAll(async () => {
  author = await authorOf(await generateAuthorPair())
})

async function eventsOf(shapes: readonly Shape[], start: number): Promise<MemoEvent[]> {
  const events: MemoEvent[] = []
  const stranger = await computeEventId(new Uint8Array([1]))
  const linked = (list: readonly number[]): EventId[] => [...new Set(list.map((back) => events.at(-back)?.id ?? stranger))].sort()
  let seq = start
  let time = 1_800_000_000_000_000
  for (const one of shapes) {
    const previous = events.at(-1)?.id ?? stranger
    const parents = linked(one.parents)
    const header: EventHeader = {
      v: 1,
      space,
      author: author.id,
      seq,
      ...(seq === 0 ? {} : { previous }),
      parents,
      time,
      needs: one.needs.flatMap((need) => REQUIREMENTS[need] ?? []),
      ...(one.expect === undefined ? {} : { expect: one.expect === 'parents' ? parents : linked(one.expect) }),
    }
    events.push(await signed(header, one.body))
    seq += 1 + one.gap
    time += one.wait
  }
  return events
}

async function signed(header: EventHeader, body: Shape['body']): Promise<MemoEvent> {
  const payload: EventPayload =
    'sealed' in body
      ? { kind: 'sealed', epoch: body.epoch, sealed: new Uint8Array(body.sealed) }
      : { kind: 'open', content: { path, op: 'put', body: { value: body.value } } }
  const unsigned = encodeUnsigned(header, payload)
  const bytes = attachSignature(header, payload, { unsigned, signature: await author.sign(unsigned) })
  return { id: await computeEventId(bytes), bytes }
}

/** As many of the events as fit, and the text. */
function write(events: readonly MemoEvent[], limit = MOST_MEMO_CHARACTERS): { readonly text: string; readonly taken: MemoEvent[] } {
  const writer = new MemoWriter(limit)
  const taken = events.filter((event) => writer.add(event))
  expect(writer.count).toBe(taken.length)
  return { text: writer.text(), taken }
}

async function outcome(text: string): Promise<'read' | 'refused' | 'crashed'> {
  try {
    await decodeMemo(text, space)
    return 'read'
  } catch (error) {
    return isSpiceTimeError(error) && error.code !== 'INTERNAL' ? 'refused' : 'crashed'
  }
}

describe('the text of a memo', () => {
  test('gives back every event byte for byte, with its id', async () => {
    const run = fc.asyncProperty(fc.array(shape, { minLength: 1, maxLength: 8 }), fc.constantFrom(0, 5, 100_000), async (shapes, start) => {
      const events = await eventsOf(shapes, start)
      const { text, taken } = write(events)
      fc.pre(taken.length > 0)
      expect(text).toMatch(/^[!-~]+$/)
      expect(text.length).toBeLessThanOrEqual(MOST_MEMO_CHARACTERS)
      expect(await decodeMemo(text, space)).toMatchObject(taken)
    })
    await fc.assert(run, { numRuns: 150 })
  })

  test('holds four small consensus events of a chain in the 900 characters that a transaction leaves', async () => {
    const small: Shape = {
      ...{ gap: 0, wait: 1, needs: [3], parents: [], expect: undefined },
      body: { epoch: 0, sealed: new Uint8Array(80) },
    }
    expect(
      write(
        await eventsOf(
          Array.from({ length: 6 }, () => small),
          9,
        ),
        900,
      ).taken,
    ).toHaveLength(4)
  })

  test('takes no event of another author, space or an earlier place', async () => {
    const plain: Shape = {
      ...{ gap: 0, wait: 1, needs: [3], parents: [1], expect: undefined },
      body: { value: 'x' },
    }
    const events = await eventsOf([plain, plain], 3)
    const [first, second] = events
    const other = await authorOf(await generateAuthorPair())
    const kept = author
    author = other
    const foreign = await eventsOf([plain], 9)
    author = kept
    const writer = new MemoWriter(MOST_MEMO_CHARACTERS)
    if (first === undefined || second === undefined || foreign[0] === undefined) return expect.fail('no events were made')
    expect(writer.add(second)).toBe(true)
    expect(writer.add(first)).toBe(false)
    expect(writer.add(second)).toBe(false)
    expect(writer.add(foreign[0])).toBe(false)
    expect(await decodeMemo(writer.text(), space)).toMatchObject([second])
  })
})

describe('memos of strangers', () => {
  test('any text is read or refused with a code', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 1300 }),
      fc.uint8Array({ maxLength: 900 }).map((bytes) => `S1${toBase94(bytes)}`),
    )
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await outcome(text)).not.toBe('crashed')
      }),
      { numRuns: 500 },
    )
  })

  test('a real memo, cut, changed or with something added, is read or refused, and never with the same events', async () => {
    const events = await eventsOf(fc.sample(shape, { numRuns: 3, seed: 7 }), 4)
    const { text } = write(events)
    const original = await decodeMemo(text, space)
    const character = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code))
    const change = fc.tuple(fc.nat(text.length - 1), fc.nat(3), fc.string({ unit: character, maxLength: 12 }))
    const run = fc.asyncProperty(change, async ([at, cut, added]) => {
      const changed = text.slice(0, at) + added + text.slice(at + cut)
      fc.pre(changed !== text)
      expect(await outcome(changed)).not.toBe('crashed')
      const read = await decodeMemo(changed, space).catch(() => [])
      expect(read).not.toEqual(original)
    })
    await fc.assert(run, { numRuns: 500 })
  })

  test('another version is told apart from garbage', async () => {
    await expect(decodeMemo('S2abc', space)).rejects.toMatchObject({ code: 'EVENT_VERSION_UNKNOWN' })
    await expect(decodeMemo('hello', space)).rejects.toMatchObject({ code: 'EVENT_MALFORMED' })
    await expect(decodeMemo(`S1${'!'.repeat(2000)}`, space)).rejects.toMatchObject({ code: 'EVENT_MALFORMED' })
  })
})
