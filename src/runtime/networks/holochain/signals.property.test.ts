import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeSignal, parseMemberSignal, signalOf } from './signals.js'
import type { MemberSignal } from './signals.js'

const bytes = fc.uint8Array({ maxLength: 64 })
const mark = fc.tuple(fc.nat(1_000), fc.uniqueArray(fc.integer({ min: 1_000, max: 9_000 }), { maxLength: 20 }))
const signals: fc.Arbitrary<MemberSignal> = fc.oneof(
  fc.constant<MemberSignal>({ kind: 'news' }),
  fc.nat(0xffff_ffff).map((number): MemberSignal => ({ kind: 'news', number })),
  fc.constant<MemberSignal>({ kind: 'asks' }),
  bytes.map((message): MemberSignal => ({ kind: 'message', message })),
  fc.array(bytes, { maxLength: 4 }).map((events): MemberSignal => ({ kind: 'events', events })),
  mark.map(([next, above]): MemberSignal => ({ kind: 'mark', next, above })),
)

test('what one member says another hears', () => {
  fc.assert(
    fc.property(signals, (signal) => {
      expect(parseMemberSignal(encodeSignal(signal))).toEqual(signal)
    }),
  )
})

test('other bytes are no signal, or one that says the same when it is said again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 0, max: 6 }), (body, kind) => {
      const heard = parseMemberSignal(Uint8Array.of(kind, ...body))
      if (heard !== undefined) expect(parseMemberSignal(encodeSignal(heard))).toEqual(heard)
    }),
  )
})

test.each([
  ['no number', []],
  ['a taken number below the first missing one', [5, 4]],
  ['a fraction', [1.5]],
  ['more than a number of 32 bits', [2 ** 32]],
  ['less than none', [-1]],
])('a mark with %s is no mark', (_, numbers) => {
  const [next = 0, ...above] = numbers
  const said = encodeSignal({ kind: 'mark', next, above })
  expect(parseMemberSignal(numbers.length === 0 ? Uint8Array.of(said[0] ?? 0, 0x80) : said)).toBeUndefined()
})

test('events that are too large for a signal are only announced, by the number of their batch', () => {
  expect(parseMemberSignal(signalOf([new Uint8Array(70_000)], 3))).toEqual({ kind: 'news', number: 3 })
  expect(parseMemberSignal(signalOf([new Uint8Array(7)], 3))).toEqual({ kind: 'events', events: [new Uint8Array(7)] })
})

test.each([
  ['nothing, as earlier builds say it', []],
  ['what is no list', [0x07]],
  ['an empty list', [0x80]],
  ['a list of something else', [0x81, 0x20]],
])('news with %s is news all the same', (_, body) => {
  expect(parseMemberSignal(Uint8Array.of(0, ...body))).toEqual({ kind: 'news' })
})
