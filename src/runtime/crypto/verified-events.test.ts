import { expect, it } from 'vitest'
import { decodeEvent } from '../codec/event-codec.js'
import { EventFactory } from '../testing/event-factory.js'
import { verifiedBefore, verifyEvent } from './verified-events.js'

async function signed(): Promise<Parameters<typeof verifyEvent>[0]> {
  const { id, bytes } = await (await EventFactory.create()).event()
  return { id, decoded: decodeEvent(new Uint8Array(bytes)) }
}

it('remembers an event by the bytes that it was read from, and by no others', async () => {
  const event = await signed()
  const { bytes } = event.decoded
  expect(verifiedBefore(bytes)).toBeUndefined()
  expect(await verifyEvent(event)).toBe(true)
  expect(verifiedBefore(bytes)).toBe(event)
  expect(verifiedBefore(new Uint8Array(bytes))).toBeUndefined()
})

it('remembers nothing of an event whose signature does not hold', async () => {
  const { id, decoded } = await signed()
  const signature = new Uint8Array(decoded.signature)
  signature[0] = (signature[0] ?? 0) ^ 1
  expect(await verifyEvent({ id, decoded: { ...decoded, signature } })).toBe(false)
  expect(verifiedBefore(decoded.bytes)).toBeUndefined()
})
