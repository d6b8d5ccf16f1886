import fc from 'fast-check'
import { writeVarUint } from 'lib0/encoding'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { encodeValue, parseValue } from '../../codec/value.js'
import { MAX_VALUE_DEPTH } from '../../model/value.js'
import { TeamDocument } from './team.js'
import { MAX_NESTING } from './update-bounds.js'

const AUTHOR = 2
/** Milliseconds that one event may keep the worker busy; a machine under load is slower than any worker should be. */
const RESPONSIVE = 2_000

/** Maps inside one another, at a field of a document; made by Yjs itself, without any of this runtime's checks. */
function nested(depth: number): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = AUTHOR
  doc.transact(() => {
    let map = doc.getMap('f')
    for (let level = 0; level < depth; level++) {
      const inner = new Y.Map<unknown>()
      map.set('k', inner)
      map = inner
    }
    map.set('end', 1)
  })
  return Y.encodeStateAsUpdateV2(doc)
}

function depthOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
}

function timed(work: () => void): number {
  const began = performance.now()
  work()
  return performance.now() - began
}

test('types nested deeper than any value are refused before one of them is made, however many there are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), (depth) => {
      const document = new TeamDocument(1)
      const update = nested(depth)
      if (depth > MAX_NESTING) {
        expect(() => document.integrate(update, AUTHOR)).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }))
        expect(document.value()).toBeUndefined()
        return
      }
      document.integrate(update, AUTHOR)
      // What is deeper than a value may be reads as null, and the document can still be stored.
      const value = document.value() ?? null
      expect(depthOf(value)).toBe(Math.min(depth + 1, MAX_VALUE_DEPTH))
      expect(() => encodeValue(parseValue(value))).not.toThrow()
    }),
    { numRuns: 60, examples: [[MAX_VALUE_DEPTH - 1], [MAX_VALUE_DEPTH], [MAX_NESTING], [MAX_NESTING + 1]] },
  )
})

test('ten thousand levels in one update take no time and no stack', () => {
  const update = nested(10_000)
  const document = new TeamDocument(1)
  const took = timed(() => expect(() => document.integrate(update, AUTHOR)).toThrow(/nests types more than/))
  expect(took).toBeLessThan(RESPONSIVE)
})

test('a register of another editor, however deep or strange, reads as a value that can be stored', () => {
  const strange = fc.letrec((tie) => ({
    item: fc.oneof(
      { maxDepth: 90, depthSize: 'max' },
      fc.constantFrom(NaN, Infinity, undefined, null, 1, 'a', true),
      fc.array(tie('item'), { maxLength: 2 }),
    ),
  })).item
  fc.assert(
    fc.property(strange, fc.integer({ min: 0, max: 120 }), (inner, levels) => {
      const doc = new Y.Doc()
      doc.clientID = AUTHOR
      let register: unknown = inner
      for (let level = 0; level < levels; level++) register = level % 2 === 0 ? [register] : { k: register }
      doc.getMap('f').set('k', register)
      const document = new TeamDocument(1)
      document.integrate(Y.encodeStateAsUpdateV2(doc), AUTHOR)
      const value = document.value() ?? null
      expect(() => encodeValue(parseValue(value))).not.toThrow()
    }),
    { numRuns: 100 },
  )
})

/** An update without structs that deletes these ranges. */
function deleting(ranges: readonly (readonly [gap: number, length: number])[], client = AUTHOR, claimed = ranges.length): Uint8Array {
  const encoder = new Y.UpdateEncoderV2()
  writeVarUint(encoder.restEncoder, 0)
  writeVarUint(encoder.restEncoder, 1)
  encoder.resetDsCurVal()
  writeVarUint(encoder.restEncoder, client)
  writeVarUint(encoder.restEncoder, claimed)
  let clock = 0
  for (const [gap, length] of ranges) {
    clock += gap
    encoder.writeDsClock(clock)
    encoder.writeDsLen(length)
    clock += length
  }
  return encoder.toUint8Array()
}

test('deletes of what is not there, of huge ranges or in huge numbers are refused or applied at once', () => {
  const huge = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 ** 31 }), fc.integer({ min: 2 ** 40, max: 2 ** 47 }))
  fc.assert(
    fc.property(fc.array(fc.tuple(huge, huge), { minLength: 1, maxLength: 50 }), fc.constantFrom(1, AUTHOR, 2 ** 40), (ranges, client) => {
      const document = new TeamDocument(1)
      document.compose({ op: 'put', fields: [], body: { value: { own: 'text' } } })
      const before = document.encode()
      const took = timed(() => {
        try {
          document.integrate(deleting(ranges, client), AUTHOR)
        } catch (error) {
          expect(error).toMatchObject({ code: 'EVENT_MALFORMED' })
        }
      })
      expect(took).toBeLessThan(RESPONSIVE)
      expect(new TeamDocument(1, [before]).value()).toEqual({ own: 'text' })
    }),
    { numRuns: 200 },
  )
})

test('an event full of deletes, and one that claims billions of them, leave the worker responsive', () => {
  const many = deleting(
    Array.from({ length: 30_000 }, () => [1, 1] as const),
    1,
  )
  const claims = deleting([[1, 1]], 1, 2 ** 47)
  expect(many.length).toBeGreaterThan(50_000)
  for (const update of [many, claims]) {
    const document = new TeamDocument(1)
    document.compose({ op: 'put', fields: [], body: { value: { text: 'x'.repeat(10_000) } } })
    const took = timed(() => expect(() => document.integrate(update, AUTHOR)).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' })))
    expect(took).toBeLessThan(RESPONSIVE)
  }
})
