import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeSignal, parseMemberSignal, signalOf } from './signals.js'
import type { MemberSignal } from './signals.js'

const bytes = fc.uint8Array({ maxLength: 64 })
const mark = fc.tuple(fc.nat(1_000), fc.uniqueArray(fc.integer({ min: 1_000, max: 9_000 }), { maxLength: 20 }))
const signals: fc.Arbitrary<MemberSignal> = fc.oneof(
  fc.constant<MemberSignal>({ kind: 'news' }),
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

test('events that are too large for a signal are only announced', () => {
  expect(parseMemberSignal(signalOf([new Uint8Array(70_000)]))).toEqual({ kind: 'news' })
})
