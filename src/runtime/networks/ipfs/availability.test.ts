import { expect, it } from 'vitest'
import { START_CURSOR } from '../../model/cursor.js'
import type { Cursor } from '../../model/cursor.js'
import type { SpaceReference } from '../../model/event.js'
import type { Level } from '../../model/network.js'
import { EventFactory } from '../../testing/event-factory.js'
import type { NetworkProvider, Update } from '../provider.js'
import { FakePinService } from './test/fake-pin-service.js'
import { collectBytes, madeBytes, madeFile, startProvider, testDevice } from './test/device.js'
import type { StartedProvider } from './test/device.js'

const SPACE = 'space' as SpaceReference
const GATEWAY = { gateways: ['http://gateway.example'], fetchDeadline: 2000 }

async function until(so: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await so())) await new Promise((resolve) => setTimeout(resolve, 20))
}

async function levelOf({ content }: StartedProvider, cid: string): Promise<Level | undefined> {
  return (await content.availability(cid)).level
}

async function pulled(provider: NetworkProvider, since: Cursor = START_CURSOR): Promise<readonly Update[]> {
  const updates: Update[] = []
  for await (const update of provider.syncUpdates(since)) updates.push(update)
  return updates
}

it('is final once the services report it, sent again when they lost it, and pinned once more', async () => {
  const service = new FakePinService()
  const device = testDevice()
  const started = await startProvider(device, {}, { seams: { fetch: service.gateway, pinServices: [service] } })
  const { cid } = await started.content.add(madeFile(700_000), { space: SPACE })
  expect(['sent', 'final']).toContain(await levelOf(started, cid))
  // Without `pins` in the settings no number of them is enough.
  await until(() => service.pins.has(cid))
  expect(service.blocks.size).toBe(4)
  expect(await levelOf(started, cid)).toBe('sent')
  await started.provider.stop()
})

it('takes levels of events back when a service was wiped, and gives them again', async () => {
  const service = new FakePinService()
  const event = (await (await EventFactory.create()).events(1, { needs: ['storage'] }))[0] ?? expect.fail('no event')
  const space = { reference: event.space as never, needs: ['storage'] as const, secret: new Uint8Array(32) }
  const settings = { ...GATEWAY, pins: [{ kind: 'kubo', url: 'http://kubo.example' }] }
  const device = testDevice([space])
  const started = await startProvider(device, settings, { seams: { fetch: service.gateway, pinServices: [service] } })
  const { provider, content } = started
  const file = await content.add(madeFile(300_000), { space: space.reference })
  expect((await provider.submitEvent({ ...event, content: [file.cid] })).level).toBe('sent')
  await until(async () => (await provider.submitEvent(event)).level === 'final')
  const first = await pulled(provider)
  expect(first.flatMap(({ receipts }) => receipts).at(-1)).toMatchObject({ event: event.id, level: 'final' })
  const cursor = first.at(-1)?.cursor ?? START_CURSOR
  await provider.stop()
  service.wipe()
  const again = await startProvider(device, settings, { seams: { fetch: service.gateway, pinServices: [service] } })
  await until(async () => service.pins.size === 2 && (await again.provider.submitEvent(event)).level === 'final')
  await again.provider.stop()
  service.away = true
  // Nobody answers: nothing was lost by that.
  const later = await startProvider(device, settings, { seams: { fetch: service.gateway, pinServices: [service] } })
  await until(() => later.provider.status().reason !== undefined)
  expect((await later.provider.submitEvent(event)).level).toBe('final')
  await later.provider.stop()
  expect(cursor).not.toBe(START_CURSOR)
})

it('P5: what a service lost is no longer final before it is offered again, though it takes it at once', async () => {
  const service = new FakePinService()
  const event = (await (await EventFactory.create()).events(1, { needs: ['storage'] }))[0] ?? expect.fail('no event')
  const settings = { pins: [{ kind: 'kubo', url: 'http://kubo.example' }], ...GATEWAY }
  const device = testDevice()
  const seams = { fetch: service.gateway, pinServices: [service] }
  const one = await startProvider(device, settings, { seams })
  await one.provider.submitEvent(event)
  await until(async () => (await one.provider.submitEvent(event)).level === 'final')
  const before = await pulled(one.provider)
  await one.provider.stop()
  service.wipe()
  const two = await startProvider(device, settings, { seams })
  const pin = service.pin.bind(service)
  const atOffer: (readonly [level: Level | undefined, told: readonly Level[]])[] = []
  service.pin = async (request) => {
    const told = (await pulled(two.provider, before.at(-1)?.cursor)).flatMap(({ receipts }) => receipts.map(({ level }) => level))
    atOffer.push([await levelOf(two, request.cid), told])
    await pin(request)
  }
  await until(async () => (await two.provider.submitEvent(event)).level === 'final' && atOffer.length > 0)
  expect(atOffer).toEqual([['sent', ['sent']]])
  const news = await pulled(two.provider, before.at(-1)?.cursor)
  expect(news.map(({ retracted }) => retracted)).toEqual([[event.id], []])
  expect(news.flatMap(({ receipts }) => receipts.map(({ level }) => level))).toEqual(['sent', 'final'])
  await two.provider.stop()
})

it('tells of a level that was lost, and of the lower one', async () => {
  const service = new FakePinService()
  // Keeps, and then forgets for ever.
  const forgetful = { pinning: true }
  const event = (await (await EventFactory.create()).events(1, { needs: ['storage'] }))[0] ?? expect.fail('no event')
  const settings = { pins: [{ kind: 'kubo', url: 'http://kubo.example' }], ...GATEWAY }
  const pin = service.pin.bind(service)
  service.pin = (request) => (forgetful.pinning ? pin(request) : Promise.resolve())
  const device = testDevice()
  const one = await startProvider(device, settings, { seams: { fetch: service.gateway, pinServices: [service] } })
  await one.provider.submitEvent(event)
  await until(async () => (await one.provider.submitEvent(event)).level === 'final')
  const before = await pulled(one.provider)
  await one.provider.stop()
  forgetful.pinning = false
  service.wipe()
  const two = await startProvider(device, settings, { seams: { fetch: service.gateway, pinServices: [service] } })
  await until(async () => (await two.provider.submitEvent(event)).level === 'sent')
  const news = await pulled(two.provider, before.at(-1)?.cursor)
  expect(news.map(({ retracted }) => retracted)).toEqual([[event.id], []])
  expect(news.at(-1)?.receipts).toMatchObject([{ event: event.id, level: 'sent' }])
  await two.provider.stop()
})

it('is shared once a gateway served a block of it', async () => {
  const service = new FakePinService()
  const started = await startProvider(testDevice(), GATEWAY, { seams: { fetch: service.gateway } })
  const { cid } = await started.content.add(madeFile(900_000), { space: SPACE })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(await levelOf(started, cid)).toBe('sent')
  const other = await startProvider(testDevice(), {}, { seams: { fetch: service.gateway, pinServices: [service] } })
  await other.content.add(madeFile(900_000), { space: SPACE })
  await until(async () => (await levelOf(started, cid)) === 'shared')
  await Promise.all([started.provider.stop(), other.provider.stop()])
})

it('finds the events of other devices by the pins of their space, and reads their files through a gateway', async () => {
  const service = new FakePinService()
  const factory = await EventFactory.create()
  const events = await factory.events(3, { needs: ['storage'] })
  const space = { reference: (events[0]?.space ?? '') as never, needs: ['storage'] as const, secret: new Uint8Array(32) }
  const settings = { ...GATEWAY, pins: [{ kind: 'kubo', url: 'http://kubo.example' }] }
  const seams = { fetch: service.gateway, pinServices: [service] }
  const writer = await startProvider(testDevice([space]), settings, { seams })
  const size = 600_000
  const { cid } = await writer.content.add(madeFile(size), { space: space.reference })
  await Promise.all(events.map((event) => writer.provider.submitEvent({ ...event, content: [cid] })))
  // Somebody else's pins under the name do no harm.
  service.pins.set('bafyreiea7jc6nkhcp2cfw6j35tcsovxzaq5ihxyq54vi4odlvwqgqfgxhy', `spicetime/${events[0]?.space}`)
  service.blocks.set('bafyreiea7jc6nkhcp2cfw6j35tcsovxzaq5ihxyq54vi4odlvwqgqfgxhy', new Uint8Array([1]))
  const reader = await startProvider(testDevice([space]), settings, { seams })
  const found = new Set<string>()
  await until(async () => {
    for (const { events: brought } of await pulled(reader.provider)) for (const bytes of brought) found.add(bytes.join())
    return found.size === 3
  })
  expect([...found].toSorted()).toEqual(events.map(({ bytes }) => bytes.join()).toSorted())
  expect((await pulled(reader.provider)).flatMap(({ receipts }) => receipts.map(({ level }) => level))).toEqual([
    'shared',
    'shared',
    'shared',
  ])
  expect(Buffer.compare(await collectBytes(reader.content.read(cid, { space: space.reference, size })), madeBytes(0, size))).toBe(0)
  await Promise.all([writer.provider.stop(), reader.provider.stop()])
})

it('offers nobody what is of the space that never leaves the device, and asks nobody for it', async () => {
  const service = new FakePinService()
  const asked: string[] = []
  const gateway: typeof fetch = (input, init) => (asked.push(String(input)), service.gateway(input, init))
  const settings = { ...GATEWAY, pins: [{ kind: 'kubo', url: 'http://kubo.example' }], pinsForFinal: 1 }
  const started = await startProvider(testDevice(), settings, { seams: { fetch: gateway, pinServices: [service] } })
  const mine = await started.content.add(madeFile(300_000), { space: undefined })
  const ours = await started.content.add(madeFile(500_000), { space: SPACE })
  await until(async () => (await levelOf(started, ours.cid)) === 'final')
  expect([...service.pins.keys()]).toEqual([ours.cid])
  expect(asked).toEqual([])
  expect(await started.content.availability(mine.cid)).toEqual({ level: 'sent', pins: [] })
  await started.provider.stop()
})
