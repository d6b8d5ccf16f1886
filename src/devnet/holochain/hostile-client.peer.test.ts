import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toBase32 } from '../../runtime/codec/base32.js'
import { EventFactory } from '../../runtime/testing/event-factory.js'
import { hasPrograms } from '../binaries.js'
import { startBootstrap } from './bootstrap.js'
import type { Bootstrap } from './bootstrap.js'
import { Device, HOSTILE_APP } from './test/device.js'
import type { TestSpace } from './test/device.js'

const reference = crypto.getRandomValues(new Uint8Array(32))
const space: TestSpace = { reference, seed: `test ${toBase32(crypto.getRandomValues(new Uint8Array(16)))}` }
const MINUTES = 60_000
const RULE = /never updated or deleted/

describe.skipIf(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']))('a modified client in the network of a real one', () => {
  let bootstrap: Bootstrap
  let honest: Device
  let hostile: Device
  let factory: EventFactory

  beforeAll(async () => {
    bootstrap = await startBootstrap()
    factory = await EventFactory.create(reference)
    // One after the other: what a failed start leaves is disposed of.
    honest = await Device.start(bootstrap.url, space)
    hostile = await Device.startHostile({ bootstrapUrl: bootstrap.url, space, app: HOSTILE_APP })
  }, 5 * MINUTES)

  afterAll(async () => {
    await Promise.all([honest?.dispose(), hostile?.dispose()])
    await bootstrap?.stop()
  })

  const call = (name: string, payload: unknown): Promise<unknown> => hostile.callZome(name, payload)

  it('updates and deletes nothing, not even of its own', { timeout: 5 * MINUTES }, async () => {
    const batch = await hostile.batch(await factory.events(1))
    const action = await call('create_batch', batch)
    await expect(call('update_batch', { action, batch: await hostile.batch(await factory.events(1)) })).rejects.toThrow(RULE)
    await expect(call('delete_batch', action)).rejects.toThrow(RULE)
    await call('link_batch', { agent: hostile.agent, bucket: 0, target: action, tag: new Uint8Array(4) })
    await expect(call('delete_batch_link', hostile.agent)).rejects.toThrow(RULE)
    // It never said that it is a member; then it is, and its batch is found like anyone's.
    await call('link_member', hostile.agent)
    const pulled = await honest.awaitEvents(1)
    expect(pulled.batches[0]?.batch.events).toEqual(batch.events)
  })

  it('nothing of others either, once it has it', { timeout: 5 * MINUTES }, async () => {
    const batch = await honest.batch(await factory.events(1))
    const { action } = await honest.calls.publish(batch)
    const reached = async (): Promise<unknown> => call('delete_batch', action)
    await expect.poll(() => reached().then(String, String), { timeout: 90_000, interval: 200 }).toMatch(RULE)
    await expect(call('update_batch', { action, batch: await hostile.batch(await factory.events(1)) })).rejects.toThrow(RULE)
    expect(await honest.calls.find(batch)).toMatchObject({ action })
  })

  it('links only its own batches, from its own anchors, under their numbers', { timeout: 5 * MINUTES }, async () => {
    const action = await call('create_batch', await hostile.batch(await factory.events(1)))
    const foreign = await honest.calls.publish(await honest.batch(await factory.events(1)))
    const link = (changes: object): Promise<unknown> =>
      call('link_batch', { agent: hostile.agent, bucket: 0, target: action, tag: Uint8Array.of(0, 0, 0, 7), ...changes })
    await expect(link({ tag: new Uint8Array(3) })).rejects.toThrow(/four bytes/)
    await expect(link({ tag: Uint8Array.of(0, 0, 0, 64) })).rejects.toThrow(/anchor for its number/)
    await expect(link({ bucket: 1 })).rejects.toThrow(/anchor for its number/)
    await expect(link({ agent: honest.agent })).rejects.toThrow(/anchor for its number/)
    await expect(link({ target: foreign.entry })).rejects.toThrow(/the action that published it/)
    await expect
      .poll(() => link({ target: foreign.action }).then(String, String), { timeout: 90_000, interval: 200 })
      .toMatch(/batch of its own author/)
    const piece = await hostile.piece({ bytes: Uint8Array.of(1) })
    const snapshot = await call('create_snapshot', piece)
    await expect(link({ target: snapshot })).rejects.toThrow(/batch of its own author/)
    await expect(call('link_snapshot', { target: action, tag: new Uint8Array(8) })).rejects.toThrow(/snapshot of its own author/)
    await expect(call('link_member', honest.agent)).rejects.toThrow(/its own author/)
  })

  it('writes no batch in another encoding', { timeout: 5 * MINUTES }, async () => {
    await expect(call('create_raw', Uint8Array.of(0x80))).rejects.toThrow(/missing field|Serializ/i)
    // The four fields in an array, which reading forgives: version 1, then empty bytes, bytes and list.
    await expect(call('create_raw', Uint8Array.of(0x94, 1, 0xc4, 0, 0xc4, 0, 0x90))).rejects.toThrow(/not encoded as this network/)
  })

  it(
    'P7: writes no batch of another version, too large, of garbage, of forged events or signed by another',
    { timeout: 5 * MINUTES },
    async () => {
      const events = await factory.events(1)
      const whole = await hostile.batch(events)
      const refused = async (batch: object, reason: RegExp): Promise<void> => expect(call('create_batch', batch)).rejects.toThrow(reason)
      await refused({ ...whole, version: 2 }, /is of version 2/)
      await refused(await hostile.batch([{ bytes: new Uint8Array(600 * 1024) }]), /has 6\d{5} bytes; at most 524288/)
      await refused(await hostile.batch([{ bytes: Uint8Array.of(0xff, 0) }]), /an event is not a map/)
      await refused(await honest.batch(events), /the batch's signature is not its author's for this space and this agent/)
      await refused(
        await hostile.batch(events.map(({ bytes }) => ({ bytes: bytes.slice().fill(0, -1) }))),
        /an event whose signature is not its author's/,
      )
    },
  )
})
