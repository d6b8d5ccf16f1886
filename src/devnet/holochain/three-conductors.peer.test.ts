import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toBase32 } from '../../runtime/codec/base32.js'
import { EventFactory } from '../../runtime/testing/event-factory.js'
import { hasPrograms } from '../binaries.js'
import { startBootstrap } from './bootstrap.js'
import type { Bootstrap } from './bootstrap.js'
import { Device } from './test/device.js'
import type { TestSpace } from './test/device.js'

const reference = crypto.getRandomValues(new Uint8Array(32))
const space: TestSpace = { reference, seed: `test ${toBase32(crypto.getRandomValues(new Uint8Array(16)))}` }
const MINUTES = 60_000

describe.skipIf(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']))('three real conductors', () => {
  let bootstrap: Bootstrap
  let one: Device
  let two: Device
  let three: Device
  let factory: EventFactory

  beforeAll(async () => {
    bootstrap = await startBootstrap()
    ;[one, two, three, factory] = await Promise.all([
      Device.start(bootstrap.url, space),
      Device.start(bootstrap.url, space),
      Device.start(bootstrap.url, space),
      EventFactory.create(reference),
    ])
    await Promise.all([one.awaitMembers(3), two.awaitMembers(3), three.awaitMembers(3)])
  }, 5 * MINUTES)

  afterAll(async () => {
    await Promise.all([one?.dispose(), two?.dispose(), three?.dispose()])
    await bootstrap?.stop()
  })

  it(
    'a batch that arrives long after newer ones is pulled all the same, and conductors go on where they were',
    { timeout: 8 * MINUTES },
    async () => {
      await one.calls.publish(await one.batch(await factory.events(1)))
      const known = (await three.awaitEvents(1)).since
      await two.awaitEvents(1)
      // Nobody else is there when `one` publishes, and nobody hears of it before it is gone itself.
      await Promise.all([two.stop(), three.stop()])
      const late = await one.batch(await factory.events(2))
      const published = await one.calls.publish(late)
      expect(published.number).toBe(1)
      await one.stop('kill')

      await Promise.all([two.restart(), three.restart()])
      await two.calls.publish(await two.batch(await factory.events(3)))
      const newer = await three.awaitEvents(3, known)
      expect(newer.batches.map(({ agent }) => agent)).toEqual([two.agent])

      await one.restart()
      // What a killed conductor had taken is still there, once.
      expect(await one.calls.find(late)).toEqual({ ...published, existed: true })
      expect(await one.calls.publish(late)).toEqual({ ...published, existed: true })
      const caught = await three.awaitEvents(2, newer.since)
      expect(caught.batches.map(({ agent, number }) => ({ agent, number }))).toEqual([{ agent: one.agent, number: 1 }])
      expect((await three.pull(caught.since)).batches).toEqual([])
      // Whoever starts from nothing gets everything, also in the smallest pieces.
      expect((await three.pull([], 1)).batches.flatMap(({ batch }) => batch.events)).toHaveLength(6)
      await one.awaitEvents(6)
    },
  )
})
