import fc from 'fast-check'
import { writeVarUint } from 'lib0/encoding'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import { TeamDocument } from './team.js'
import { MAX_CLOCK, MAX_UPDATE_STRUCTS } from './update-bounds.js'

const AUTHOR = 2

/** `count` garbage-collected structs of one length: a few bytes, however many. */
function claimed(count: number, length = 1): Uint8Array {
  const encoder = new Y.UpdateEncoderV2()
  writeVarUint(encoder.restEncoder, 1)
  writeVarUint(encoder.restEncoder, count)
  encoder.writeClient(AUTHOR)
  writeVarUint(encoder.restEncoder, 0)
  encoder.writeInfo(0)
  encoder.writeLen(length)
  writeVarUint(encoder.restEncoder, 0)
  return encoder.toUint8Array()
}

function sample(): { readonly document: TeamDocument; readonly update: Uint8Array } {
  const maker = new TeamDocument(AUTHOR)
  const update = maker.compose({ op: 'put', fields: [], body: { value: { title: 'Ship it', list: [1, { a: true }], n: 1 } } })
  const document = new TeamDocument(1)
  document.compose({ op: 'put', fields: [], body: { value: { own: 'text' } } })
  return { document, update }
}

test('an update which claims billions of structs is refused before any is made', () => {
  const { document } = sample()
  const before = document.encode()
  for (const count of [MAX_UPDATE_STRUCTS + 1, 2 ** 31, 2 ** 48]) {
    const update = claimed(count)
    expect(update.byteLength).toBeLessThan(64)
    expect(() => document.integrate(update, AUTHOR)).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }))
  }
  expect(document.encode()).toEqual(before)
})

test('an update whose clock runs out of bounds is refused', () => {
  const { document } = sample()
  const before = document.encode()
  expect(() => document.integrate(claimed(1, MAX_CLOCK + 1), AUTHOR)).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }))
  expect(document.encode()).toEqual(before)
})

test('an update that lists several clients is refused', () => {
  const { document } = sample()
  const two = Y.mergeUpdatesV2([sample().update, new TeamDocument(3).compose({ op: 'put', fields: [], body: { value: { b: 1 } } })])
  expect(() => document.integrate(two, AUTHOR)).toThrow(expect.objectContaining({ code: 'CLIENT_ID_FOREIGN' }))
})

test('a damaged update is applied or refused with a code, and a document loaded anew is unharmed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
      const { document, update } = sample()
      const before = document.encode()
      for (const [place, byte] of changes) update[place % update.byteLength] = byte
      try {
        document.integrate(update, AUTHOR)
      } catch (error) {
        expect(error).toBeInstanceOf(SpiceTimeError)
        expect(['EVENT_MALFORMED', 'CLIENT_ID_FOREIGN']).toContain(error instanceof SpiceTimeError ? error.code : '')
      }
      expect(new TeamDocument(1, [before]).value()).toEqual({ own: 'text' })
    }),
    { numRuns: 300 },
  )
})
