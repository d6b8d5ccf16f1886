import fc from 'fast-check'
import { expect, test } from 'vitest'
import { authorOf, generateAuthorPair } from '../../crypto/signing.js'
import { authorIdToBytes } from '../../codec/event-id.js'
import { BATCH_VERSION, makeBatch, MAX_BATCH_BYTES, MAX_BATCH_EVENTS, signedBytes, splitIntoBatches } from './batch.js'

const place = { space: new Uint8Array(32).fill(3), agent: new Uint8Array(39).fill(4) }

test('events come back from their batches in order, and no batch is larger than one may be', () => {
  const lengths = fc.array(fc.oneof(fc.nat(300), fc.nat(64 * 1024)), { maxLength: 60 })
  fc.assert(
    fc.property(lengths, (sizes) => {
      const events = sizes.map((size, index) => new Uint8Array(size).fill(index))
      const batches = splitIntoBatches(events)
      const back = batches.flat()
      expect(back.length === events.length && back.every((event, index) => event === events[index])).toBe(true)
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0)
        expect(batch.reduce((sum, event) => sum + event.length, 0)).toBeLessThanOrEqual(MAX_BATCH_BYTES)
      }
    }),
  )
  const many = splitIntoBatches(Array.from({ length: MAX_BATCH_EVENTS + 1 }, () => new Uint8Array(1)))
  expect(many.map((batch) => batch.length)).toEqual([MAX_BATCH_EVENTS, 1])
})

test('what is signed names the space, the agent and every boundary, as the DNA builds it', async () => {
  const bytes = signedBytes(place, [Uint8Array.of(9)])
  expect(new TextDecoder().decode(bytes.subarray(0, 18))).toBe('spicetime/batch/1\0')
  expect([...bytes.subarray(18)]).toEqual([...place.space, ...new Uint8Array(32).fill(4), 0, 0, 0, 1, 9])
  expect(signedBytes(place, [Uint8Array.of(1, 2)])).not.toEqual(signedBytes(place, [Uint8Array.of(1), Uint8Array.of(2)]))
  const author = await authorOf(await generateAuthorPair())
  const batch = await makeBatch(author, place, [Uint8Array.of(9)])
  expect(batch).toMatchObject({ version: BATCH_VERSION, author: authorIdToBytes(author.id), events: [Uint8Array.of(9)] })
  expect(batch.signature).toHaveLength(64)
})
