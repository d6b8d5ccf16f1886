import { readFileSync } from 'node:fs'
import { encode as encodeGeneral } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSpiceTimeError } from '../errors/spice-time-error.js'
import { MAX_EVENT_BYTES } from '../model/event.js'
import { computeEventId } from './event-id.js'
import { decodeEventList, encodeEventList, fitsInList, MAX_LIST_BYTES } from './event-list.js'

interface Vector {
  readonly name: string
  readonly events: readonly string[]
  readonly bytes: string
  readonly cid: string
}

const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL('./vectors/event-lists.json', import.meta.url), 'utf8'))
const small = new Uint8Array(128)
const items = fc.array(fc.uint8Array({ minLength: 128, maxLength: 400 }), { minLength: 1, maxLength: 20 })

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function refusal(bytes: Uint8Array): unknown {
  try {
    return decodeEventList(bytes)
  } catch (error) {
    return isSpiceTimeError(error) ? error.code : error
  }
}

describe('golden vectors: these bytes and CIDs must never change', () => {
  test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_name, { events, bytes, cid }) => {
    const encoded = encodeEventList(events.map(fromHex))
    expect(toHex(encoded)).toBe(bytes)
    expect(await computeEventId(encoded)).toBe(cid)
    expect(decodeEventList(fromHex(bytes)).map(toHex)).toEqual(events)
  })
})

describe('a list of events', () => {
  test('comes back as it was, and is what any dag-cbor library writes', () => {
    fc.assert(
      fc.property(items, (events) => {
        const bytes = encodeEventList(events)
        expect(decodeEventList(bytes).map(toHex)).toEqual(events.map(toHex))
        expect(toHex(bytes)).toBe(toHex(encodeGeneral({ v: 1, events })))
        expect(
          fitsInList(
            events.length,
            events.reduce((sum, { length }) => sum + length, 0),
          ),
        ).toBe(true)
      }),
    )
  })

  test('has another CID for another order', () => {
    const [one, other] = [new Uint8Array(128).fill(1), new Uint8Array(128).fill(2)]
    expect(toHex(encodeEventList([one, other]))).not.toBe(toHex(encodeEventList([other, one])))
  })

  test('is refused when it is cut, changed or longer, unless what is left is a list in its one form', () => {
    const change = fc.tuple(fc.nat(), fc.nat(2), fc.uint8Array({ maxLength: 3 }))
    fc.assert(
      fc.property(items, change, (events, [place, cut, added]) => {
        const bytes = encodeEventList(events)
        const at = place % bytes.length
        const changed = Uint8Array.of(...bytes.subarray(0, at), ...added, ...bytes.subarray(at + cut))
        const read = refusal(changed)
        if (read === 'CONTENT_DAMAGED') return
        expect(toHex(encodeEventList(read as readonly Uint8Array[]))).toBe(toHex(changed))
      }),
      { numRuns: 500 },
    )
  })

  test('any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(refusal(bytes)).toBe('CONTENT_DAMAGED')
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['nothing', {}],
    ['no events', { v: 1, events: [] }],
    ['an event that is too small', { v: 1, events: [new Uint8Array(127)] }],
    ['an event that is too large', { v: 1, events: [new Uint8Array(MAX_EVENT_BYTES + 1)] }],
    ['text in the place of an event', { v: 1, events: ['a'] }],
    ['another version', { v: 2, events: [small] }],
    ['one more key', { v: 1, events: [small], z: 1 }],
    ['events as a map', { v: 1, events: { 0: small } }],
    ['a list', [1, 2]],
    ['lists in lists', Array.from({ length: 600 }).reduce<unknown>((inner) => [inner], 1)],
  ])('%s is refused', (_what, value) => {
    expect(refusal(encodeGeneral(value))).toBe('CONTENT_DAMAGED')
  })

  test('a claim of more than there is takes no memory', () => {
    // {v: 1, events: <2^32 - 1 items>}, and bytes of 2^40 bytes.
    expect(refusal(fromHex('a2617601666576656e74739affffffff41'))).toBe('CONTENT_DAMAGED')
    expect(refusal(fromHex('a2617601666576656e7473815b0000010000000000'))).toBe('CONTENT_DAMAGED')
  })

  test('is at most as large as one block', () => {
    const whole = new Uint8Array(MAX_EVENT_BYTES)
    const fifteen = Array.from({ length: 15 }, () => whole)
    expect(encodeEventList(fifteen).length).toBeLessThanOrEqual(MAX_LIST_BYTES)
    expect(fitsInList(16, 16 * MAX_EVENT_BYTES)).toBe(false)
    expect(() => encodeEventList([...fifteen, whole])).toThrow(/at most 1048576/)
    expect(() => encodeEventList([])).toThrow(/at least one/)
    expect(refusal(new Uint8Array(MAX_LIST_BYTES + 1))).toBe('CONTENT_DAMAGED')
  })
})
