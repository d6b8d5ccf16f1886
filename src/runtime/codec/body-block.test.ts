import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFileCipher, digestChunk, saltOf } from '../crypto/file-cipher.js'
import { MAX_BODY_BYTES } from '../model/event.js'
import type { EventBody } from '../model/event.js'
import { parsePath } from '../model/path.js'
import { decodeBody, decodeSealedBody, encodeBody, encodeSealedBody } from './body-block.js'
import { decodeContent, encodeContent } from './content-codec.js'
import { encode } from './dag-cbor.js'
import { computeEventId, eventIdToBytes } from './event-id.js'

/** What a body and the event that names it are, in hexadecimal; the key of the space is 32 bytes of 1. */
interface Vector {
  readonly name: string
  readonly body: string
  readonly block: string
  readonly content: string
}

const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL('./vectors/bodies.json', import.meta.url), 'utf8'))
const key = new Uint8Array(32).fill(1)
const path = parsePath('acme/notes/1')
const WHOLE = { index: 0, last: true } as const

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

async function made(body: EventBody, isSealed: boolean): Promise<Omit<Vector, 'name'>> {
  const plain = encodeBody(body)
  const salt = isSealed ? await saltOf([await digestChunk(plain)]) : undefined
  const block = salt === undefined ? plain : encodeSealedBody(await (await createFileCipher(key, salt)).seal(plain, WHOLE))
  const bodyCid = { cid: await computeEventId(block), size: block.length, ...(salt === undefined ? {} : { salt }) }
  return { body: toHex(plain), block: toHex(block), content: toHex(encodeContent({ path, op: 'put', body, bodyCid })) }
}

describe('golden vectors: these bytes must never change', () => {
  test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (name, vector) => {
    const { body, block, content } = vector
    const decoded = decodeBody('put', fromHex(body))
    expect({ name, ...(await made(decoded, name === 'sealed')) }).toEqual(vector)
    const { bodyCid, ...rest } = decodeContent(fromHex(content))
    expect(rest).toEqual({ path, op: 'put', body: {} })
    expect(bodyCid).toMatchObject({ cid: await computeEventId(fromHex(block)), size: block.length / 2 })
    if (bodyCid?.salt === undefined) return expect(block).toBe(body)
    const cipher = await createFileCipher(key, bodyCid.salt)
    expect(toHex(await cipher.open(decodeSealedBody(fromHex(block)), WHOLE))).toBe(body)
  })
})

describe('a body', () => {
  test('comes back as it went in, from one form of bytes only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (update, text) => {
        for (const body of [{ update }, { value: text }]) {
          const bytes = encodeBody(body)
          expect(decodeBody('put', bytes)).toEqual(body)
          expect(() => decodeBody('put', Uint8Array.from([...bytes, 0]))).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }))
        }
      }),
    )
  })

  test.each<[string, Uint8Array]>([
    ['garbage', new Uint8Array([0xff, 0])],
    ['a list', encode([1])],
    ['more than its operation takes', encode({ value: 1, update: null, more: 1 })],
    ['nothing', new Uint8Array()],
  ])('that is %s is refused', (_what, bytes) => {
    expect(() => decodeBody('put', bytes)).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }))
  })

  test('in the open is not taken for a sealed one', () => {
    expect(() => decodeSealedBody(encodeBody({ value: 1 }))).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }))
  })
})

describe('content that names its body is refused', () => {
  const cid = eventIdToBytes('bafyreiea7jc6nkhcp2cfw6j35tcsovxzaq5ihxyq54vi4odlvwqgqfgxhy')
  const fields = { path: 'acme/notes/1', op: 'put' }
  test.each<[string, Parameters<typeof encode>[0]]>([
    ['with a body of its own', { ...fields, body: { value: 1, bodyCid: { cid, size: 1 } } }],
    ['with neither', fields],
    ['outside its body', { ...fields, bodyCid: { cid, size: 1 } }],
    ['by no CID', { ...fields, body: { bodyCid: { cid: cid.subarray(1), size: 1 } } }],
    ['by a CID of another kind', { ...fields, body: { bodyCid: { cid: cid.map((byte) => byte ^ 1), size: 1 } } }],
    ['of no size', { ...fields, body: { bodyCid: { cid } } }],
    ['of more than a block takes', { ...fields, body: { bodyCid: { cid, size: MAX_BODY_BYTES + 1 } } }],
    ['with a salt of another length', { ...fields, body: { bodyCid: { cid, size: 1, salt: new Uint8Array(31) } } }],
    ['with a salt that is text', { ...fields, body: { bodyCid: { cid, size: 1, salt: 'salt' } } }],
    ['by text', { ...fields, body: { bodyCid: 'bafyrei' } }],
  ])('%s', (_what, content) => {
    expect(() => decodeContent(encode(content))).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }))
  })
})
