import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { authorOf } from '../crypto/signing.js'
import { verifySignature } from '../crypto/signing.js'
import type { EventHeader, EventId } from '../model/event.js'
import { parsePath } from '../model/path.js'
import { attachSignature, decodeEvent, encodeUnsigned } from './event-codec.js'
import type { EventPayload } from './event-codec.js'
import { computeEventId, eventIdFromBytes, eventIdToBytes } from './event-id.js'

interface Vector {
  readonly name: string
  readonly header: EventHeader
  readonly payload:
    | { readonly kind: 'open'; readonly path: string; readonly value: unknown }
    | { readonly kind: 'sealed'; readonly epoch: number; readonly sealed: string }
  readonly bytes: string
  readonly id: string
}

const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL('./vectors/events.json', import.meta.url), 'utf8'))

function payloadOf(vector: Vector): EventPayload {
  const { payload } = vector
  if (payload.kind === 'sealed') return { kind: 'sealed', epoch: payload.epoch, sealed: fromHex(payload.sealed) }
  return { kind: 'open', content: { path: parsePath(payload.path), op: 'put', body: { value: payload.value as never } } }
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** The key pair of RFC 8032, section 7.1, test 1. */
async function rfcAuthor(): Promise<Awaited<ReturnType<typeof authorOf>>> {
  const secret = fromHex('302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
  const privateKey = await crypto.subtle.importKey('pkcs8', secret, { name: 'Ed25519' }, true, ['sign'])
  const publicKey = await crypto.subtle.importKey(
    'raw',
    fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
    { name: 'Ed25519' },
    true,
    ['verify'],
  )
  return await authorOf({ privateKey, publicKey })
}

describe('golden vectors: these bytes and ids must never change', () => {
  test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_name, vector) => {
    const author = await rfcAuthor()
    const payload = payloadOf(vector)
    const unsigned = encodeUnsigned(vector.header, payload)
    const bytes = attachSignature(vector.header, payload, { unsigned, signature: await author.sign(unsigned) })
    expect(Buffer.from(bytes).toString('hex')).toBe(vector.bytes)
    expect(await computeEventId(bytes)).toBe(vector.id)
    const decoded = decodeEvent(fromHex(vector.bytes))
    expect(decoded.header).toEqual(vector.header)
    expect(decoded.payload).toEqual(payload)
    expect(await verifySignature(decoded.header.author, decoded.signature, decoded.unsigned)).toBe(true)
  })
})

describe('reading foreign bytes', () => {
  const [first] = vectors
  const original = fromHex(first?.bytes ?? '')

  test('every cut and every changed byte is refused, or at least signed by nobody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (index, change, cut) => {
        const bytes = cut ? original.slice(0, index) : original.map((byte, at) => (at === index ? byte ^ change : byte))
        let decoded
        try {
          decoded = decodeEvent(bytes)
        } catch (error) {
          expect(error).toMatchObject({ name: 'SpiceTimeError' })
          return
        }
        expect(await verifySignature(decoded.header.author, decoded.signature, decoded.unsigned)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('arbitrary bytes are refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => decodeEvent(new Uint8Array(bytes))).toThrow(expect.objectContaining({ name: 'SpiceTimeError' }))
      }),
    )
  })
})

test('an id is its bytes and back', () => {
  const id = vectors[0]?.id as EventId
  expect(eventIdFromBytes(eventIdToBytes(id))).toBe(id)
  expect(() => eventIdFromBytes(new Uint8Array(36))).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }))
})
