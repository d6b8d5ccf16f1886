import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toBase32 } from '../../runtime/codec/base32.js'
import { makeBatch } from '../../runtime/networks/holochain/batch.js'
import type { Batch } from '../../runtime/networks/holochain/batch.js'
import { EventFactory } from '../../runtime/testing/event-factory.js'
import { hasPrograms } from '../binaries.js'
import { startBootstrap } from './bootstrap.js'
import type { Bootstrap } from './bootstrap.js'
import { Device, waitFor } from './test/device.js'
import type { TestSpace } from './test/device.js'

const reference = crypto.getRandomValues(new Uint8Array(32))
const space: TestSpace = { reference, seed: `test ${toBase32(crypto.getRandomValues(new Uint8Array(16)))}` }
const MINUTES = 60_000

describe.skipIf(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']))('two real conductors', () => {
  let bootstrap: Bootstrap
  let one: Device
  let two: Device
  let factory: EventFactory

  beforeAll(async () => {
    bootstrap = await startBootstrap()
    ;[one, two, factory] = await Promise.all([
      Device.start(bootstrap.url, space),
      Device.start(bootstrap.url, space),
      EventFactory.create(reference),
    ])
    await Promise.all([one.awaitMembers(2), two.awaitMembers(2)])
  }, 5 * MINUTES)

  afterAll(async () => {
    await Promise.all([one?.dispose(), two?.dispose()])
    await bootstrap?.stop()
  })

  it('what one publishes the other pulls, once, and a later pull brings only what is new', { timeout: 5 * MINUTES }, async () => {
    const since = (await two.pull()).since
    const events = await factory.events(3)
    const batch = await one.batch(events)
    const published = await one.calls.publish(batch)
    expect(published).toMatchObject({ existed: false, number: 0 })
    const first = await two.awaitEvents(3, since)
    expect(first.batches).toEqual([
      {
        agent: one.agent,
        number: 0,
        action: published.action,
        at: published.at,
        batch: { ...batch, events: events.map(({ bytes }) => bytes) },
      },
    ])
    expect((await two.pull(first.since)).batches).toEqual([])
    await one.calls.publish(await one.batch(await factory.events(2)))
    expect((await two.awaitEvents(2, first.since)).batches.map(({ number }) => number)).toEqual([1])
    await waitFor(async () => expect(await two.calls.heads()).toContainEqual({ agent: one.agent, batches: 2 }))
    // A node that validated it says so to who published it, unless gossip brought it: one of the next ones comes by the publish.
    await waitFor(async () => {
      const { action } = await one.calls.publish(await one.batch(await factory.events(1)))
      await waitFor(async () => expect((await one.calls.receipts([action]))[0]?.holders).toEqual([two.agent]), 3_000)
    })
  })

  it('a batch that is published again is the one that was there', { timeout: 5 * MINUTES }, async () => {
    const batch = await one.batch(await factory.events(1))
    expect(await one.calls.find(batch)).toBeUndefined()
    const published = await one.calls.publish(batch)
    expect(await one.calls.publish(batch)).toEqual({ ...published, existed: true })
    expect(await one.calls.find(batch)).toEqual({ ...published, existed: true })
    const heads = await one.calls.heads()
    expect(heads.find(({ agent }) => Buffer.compare(agent, one.agent) === 0)).toEqual({ agent: one.agent, batches: published.number + 1 })
    // Of two at once, one may fail; nothing is written twice.
    const other = await one.batch(await factory.events(1))
    const outcomes = await Promise.allSettled([one.calls.publish(other), one.calls.publish(other)])
    expect(outcomes.map(({ status }) => status)).toContain('fulfilled')
    const mine = (await one.pull()).batches.filter(({ batch: { signature } }) => Buffer.compare(signature, other.signature) === 0)
    expect(mine).toHaveLength(1)
  })

  it('a signal reaches who is online, and says whose conductor sent it', { timeout: 5 * MINUTES }, async () => {
    const payload = Uint8Array.of(1, 2, 3)
    await waitFor(async () => {
      await one.calls.sendSignal(payload)
      expect(two.signals).toContainEqual({ from: one.agent, payload })
    })
    expect(one.signals).toEqual([])
    await expect(one.calls.sendSignal(new Uint8Array(64 * 1024 + 1))).rejects.toThrow(/at most 65536/)
  })

  describe('refused before it is written', () => {
    const change = (batch: Batch, changes: Partial<Batch>): Batch => ({ ...batch, ...changes })

    it.each<readonly [string, RegExp, () => Promise<Batch>]>([
      ['of another version', /version 2/, async () => change(await one.batch(await factory.events(1)), { version: 2 })],
      ['with no event', /0 events/, () => one.batch([])],
      ['above 512 KiB', /at most 524288/, async () => one.batch(await factory.events(9, { padding: 60_000 }))],
      ['with bytes that are no event', /map/, () => one.batch([{ bytes: Uint8Array.of(1) }])],
      ['with an event cut short', /cut short/, async () => one.batch([{ bytes: (await factory.event()).bytes.slice(0, -1) }])],
      [
        'with an event of another space',
        /another space/,
        async () => one.batch(await (await EventFactory.create(new Uint8Array(32).fill(9))).events(1)),
      ],
      [
        'with an event that was changed',
        /an event whose signature/,
        async () => {
          const { bytes } = await factory.event()
          const changed = Uint8Array.from(bytes)
          // The last bytes are inside the last field's 32 or 64: still well formed.
          changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
          return one.batch([{ bytes: changed }])
        },
      ],
      [
        'signed by someone else',
        /signature is not its author's/,
        async () => change(await one.batch(await factory.events(1)), { author: (await two.batch([])).author }),
      ],
      ['of another agent, replayed', /signature is not its author's/, async () => two.batch(await factory.events(1))],
      [
        'signed for another space',
        /signature is not its author's/,
        async () => {
          const events = (await factory.events(1)).map(({ bytes }) => bytes)
          return makeBatch(one.author, { space: new Uint8Array(32), agent: one.agent }, events)
        },
      ],
    ])('a batch %s', { timeout: 5 * MINUTES }, async (_, reason, make) => {
      const before = await one.calls.heads()
      await expect(one.calls.publish(await make())).rejects.toThrow(reason)
      expect(await one.calls.heads()).toEqual(before)
    })
  })
})
