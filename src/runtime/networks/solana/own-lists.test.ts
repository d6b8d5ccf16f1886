import { afterEach, beforeEach, expect, test } from 'vitest'
import { startSolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import type { SolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import { decodeEventList } from '../../codec/event-list.js'
import { computeEventId, referenceFromBytes } from '../../codec/event-id.js'
import { ContentLists } from '../../event-lists.js'
import { EventFactory } from '../../testing/event-factory.js'
import { SharedContent } from '../../testing/shared-content.js'
import type { ContentDevice } from '../../testing/shared-content.js'
import { MemoryKeys, MemoryRows } from '../../testing/memory-parts.js'
import { readAnchor } from './anchor-memo.js'
import { memosInField } from './memo-field.js'
import { SendingDevice } from './test/sending-device.js'
import type { DeviceDisk } from './test/sending-device.js'

const SPACE_BYTES = new Uint8Array(32).fill(3)
const SPACE = referenceFromBytes(SPACE_BYTES)
const needs = ['consensus'] as const

let devnet: SolanaDevnet
let factory: EventFactory
let content: ContentDevice
let disk: DeviceDisk
const devices: SendingDevice[] = []

beforeEach(async () => {
  devnet = await startSolanaDevnet({ slotMilliseconds: 20, finalityDepth: 8 })
  factory = await EventFactory.create(SPACE_BYTES)
  content = new SharedContent().join()
  disk = { rows: new MemoryRows(), keys: new MemoryKeys() }
})
afterEach(async () => {
  for (const device of devices.splice(0)) await device.stop()
  await devnet.close()
})

async function start(): Promise<SendingDevice> {
  const lists = new ContentLists()
  lists.attach([content.provider])
  const device = await SendingDevice.start({ url: devnet.url, disk, space: SPACE, lists })
  devices.push(device)
  return device
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await devnet.step()
}

/** The events that lie on the chain, as often as they are there, by the lists that its memos anchor. */
async function anchored(device: SendingDevice): Promise<readonly (readonly string[])[]> {
  const memos = (await device.transactions()).flatMap(({ memo }) => memosInField(memo ?? '') ?? [])
  return await Promise.all(
    memos.map(async (memo) => {
      const cid = (await readAnchor(memo, new Uint8Array(32).fill(9))) ?? expect.fail('no anchor of a member')
      const block = content.disk.get(cid) ?? expect.fail('the list was not stored')
      return await Promise.all(decodeEventList(block).map((bytes) => computeEventId(new Uint8Array(bytes))))
    }),
  )
}

test('an event that fits no memo, up to 64 KiB, is stored first and anchored by one', async () => {
  const device = await start()
  const events = [await factory.event({ needs, padding: 900 }), await factory.event({ needs, padding: 64_000 })]
  const receipts = await Promise.all(events.map((event) => device.sender.submit(event)))
  await until(() => device.sender.counts.underWay === 0)
  expect(await anchored(device)).toEqual([events.map(({ id }) => id)])
  expect(new Set(receipts.map(({ reference }) => reference)).size).toBe(1)
})

test('a thousand events that wait together are one list in at most three transactions, each with its part of the fee', async () => {
  const device = await start()
  const events = await factory.events(1_000, { needs })
  const receipts = await Promise.all(events.map((event) => device.sender.submit(event)))
  await until(() => device.sender.counts.underWay === 0)
  const lists = await anchored(device)
  expect(lists.flat()).toEqual(events.map(({ id }) => id))
  expect(lists.length).toBeLessThanOrEqual(3)
  expect(receipts.reduce((sum, { cost }) => sum + cost, 0)).toBe(lists.length * 5_000)
}, 60_000)

test('more than one list holds is divided, in order', async () => {
  const device = await start()
  const events = await factory.events(40, { needs, padding: 60_000 })
  await Promise.all(events.map((event) => device.sender.submit(event)))
  await until(() => device.sender.counts.underWay === 0)
  const lists = await anchored(device)
  expect(lists.flat()).toEqual(events.map(({ id }) => id))
  expect(lists.length).toBe(3)
}, 60_000)

test('few small events need no storage; many do without where it is away', async () => {
  const device = await start()
  await Promise.all((await factory.events(10, { needs, alone: true })).map((event) => device.sender.submit(event)))
  content.setAway('The disk is being exchanged.')
  await Promise.all((await factory.events(40, { needs, alone: true })).map((event) => device.sender.submit(event)))
  expect(content.disk.size).toBe(0)
  const large = await factory.event({ needs, padding: 900 })
  await expect(device.sender.submit(large)).rejects.toMatchObject({
    code: 'NETWORK_NOT_CONNECTED',
    message: expect.stringContaining('The disk is being exchanged.'),
  })
  content.setAway(undefined)
  expect((await device.sender.submit(large)).event).toBe(large.id)
}, 60_000)

test('killed after the list was stored, and after it was sent: on the chain once', async () => {
  const events = await factory.events(40, { needs })
  const first = await start()
  const put = content.putBlock.bind(content)
  let dying: Promise<void> | undefined
  content.putBlock = async (bytes) => {
    const cid = await put(bytes)
    dying ??= first.stop()
    return cid
  }
  await expect(Promise.all(events.map((event) => first.sender.submit(event)))).rejects.toMatchObject({ code: 'NETWORK_NOT_CONNECTED' })
  await dying
  expect(content.disk.size).toBe(1)
  const second = await start()
  await Promise.all(events.map((event) => second.sender.submit(event)))
  await second.stop()
  const third = await start()
  await Promise.all(events.map((event) => third.sender.submit(event)))
  await until(() => third.sender.counts.underWay === 0)
  expect((await anchored(third)).flat()).toEqual(events.map(({ id }) => id))
}, 60_000)
