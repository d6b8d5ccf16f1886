import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import type { SolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import { NO_FAULTS } from '../../../devnet/solana/switches.js'
import { referenceFromBytes } from '../../codec/event-id.js'
import type { EventId } from '../../model/event.js'
import { EventFactory } from '../../testing/event-factory.js'
import type { FactoryEvent } from '../../testing/event-factory.js'
import { MOST_INLINE_BYTES } from './grouping.js'
import { MemoryRows } from '../../testing/memory-parts.js'
import { MemoryKeys } from '../../testing/memory-parts.js'
import { SendingDevice } from './test/sending-device.js'
import type { DeviceDisk } from './test/sending-device.js'

const SPACE_BYTES = new Uint8Array(32).fill(3)
const SPACE = referenceFromBytes(SPACE_BYTES)

let devnet: SolanaDevnet
let factory: EventFactory
let disk: DeviceDisk
const devices: SendingDevice[] = []

beforeEach(async () => {
  devnet = await startSolanaDevnet({ slotMilliseconds: 20, finalityDepth: 8 })
  factory = await EventFactory.create(SPACE_BYTES)
  disk = { rows: new MemoryRows(), keys: new MemoryKeys() }
})

afterEach(async () => {
  for (const device of devices.splice(0)) await device.stop()
  await devnet.close()
})

async function start({ faucet = true } = {}): Promise<SendingDevice> {
  const device = await SendingDevice.start({ url: devnet.url, disk, space: SPACE, faucet })
  devices.push(device)
  return device
}

/** One without a parent, which needs no other transaction to land first. */
const alone = (): Promise<FactoryEvent> => factory.event({ needs: ['consensus'], alone: true })

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await devnet.step()
}

async function untilOnChain(device: SendingDevice, count: number): Promise<readonly EventId[]> {
  await until(async () => (await device.onChain()).length >= count)
  // Whatever else may be on its way has landed, or can't any more.
  await until(() => device.sender.counts.underWay === 0)
  return await device.onChain()
}

describe('sending', () => {
  test('a burst shares transactions, each event once, with its receipt and its part of the fee', async () => {
    const device = await start()
    const events = await factory.events(40, { needs: ['consensus'], alone: true })
    const receipts = await Promise.all(events.map((event) => device.sender.submit(event)))
    const ids = await untilOnChain(device, events.length)
    expect([...ids].sort()).toEqual(events.map(({ id }) => id).sort())
    const transactions = await device.transactions()
    expect(transactions.length).toBeLessThanOrEqual(events.length / 3)
    expect(receipts.map(({ event }) => event)).toEqual(events.map(({ id }) => id))
    expect(new Set(receipts.map(({ reference }) => reference))).toEqual(new Set(transactions.map(({ signature }) => signature)))
    const paid = receipts.reduce((sum, { cost }) => sum + cost, 0)
    expect(paid).toBe(transactions.length * 5_000)
  })

  test('an event never lands before its parent', async () => {
    const device = await start()
    const events = await factory.events(12, { needs: ['consensus'] })
    await Promise.all(events.toReversed().map((event) => device.sender.submit(event)))
    expect(await untilOnChain(device, events.length)).toEqual(events.map(({ id }) => id))
  })

  test('is idempotent: at once, later, and after the event is final and the device was restarted', async () => {
    const device = await start()
    const event = await alone()
    const [first, second] = await Promise.all([device.sender.submit(event), device.sender.submit(event)])
    expect(second.reference).toBe(first.reference)
    await untilOnChain(device, 1)
    await device.stop()
    const again = await (await start()).sender.submit(event)
    expect(again).toMatchObject({ reference: first.reference, level: 'final' })
    expect(await (await start()).onChain()).toEqual([event.id])
  })

  test('what is too large for a transaction is postponed alone, and says what it waits for', async () => {
    const device = await start()
    const [small, large] = [await alone(), await factory.event({ needs: ['consensus'], padding: 900 })]
    await expect(device.sender.submit(large)).rejects.toMatchObject({
      code: 'NETWORK_NOT_CONNECTED',
      message: expect.stringContaining('waits for storage, which would keep it in a list: No storage here.'),
    })
    expect((await device.sender.submit(small)).event).toBe(small.id)
  })

  test('the largest that is taken fits', async () => {
    const device = await start()
    await device.sender.submit(await alone())
    const plain = await factory.event({ needs: ['team', 'storage', 'consensus'] })
    const padding = MOST_INLINE_BYTES - plain.bytes.length - 8
    const large = await factory.event({ needs: ['team', 'storage', 'consensus'], padding })
    expect(large.bytes.length).toBeGreaterThan(MOST_INLINE_BYTES - 12)
    expect((await device.sender.submit(large)).event).toBe(large.id)
    expect(await untilOnChain(device, 2)).toContain(large.id)
  })
})

describe('a bad network', () => {
  test('the answer to a transaction that landed is lost: it is on the chain once', async () => {
    const device = await start()
    await device.sender.submit(await alone())
    devnet.set({ drop: { requests: 2, loss: 'answer' }, methods: ['sendTransaction'] })
    const event = await alone()
    await device.sender.submit(event)
    expect((await untilOnChain(device, 2)).filter((id) => id === event.id)).toHaveLength(1)
  })

  test('too many requests: it waits and gets through', async () => {
    const device = await start()
    devnet.set({ rateLimit: { requests: 3, retryAfterSeconds: 1 }, methods: [] })
    const event = await alone()
    await device.sender.submit(event)
    expect(await untilOnChain(device, 1)).toEqual([event.id])
  })

  test('a device that was killed between the row and the landing goes on with the same transaction', async () => {
    const device = await start()
    await device.sender.submit(await alone())
    devnet.set({ loseTransactions: true })
    const event = await alone()
    const { reference } = await device.sender.submit(event)
    await device.stop()
    devnet.set(NO_FAULTS)
    const next = await start()
    expect((await next.sender.submit(event)).reference).toBe(reference)
    expect((await untilOnChain(next, 2)).filter((id) => id === event.id)).toHaveLength(1)
    expect((await next.transactions()).map(({ signature }) => signature)).toContain(reference)
  })

  test('one whose blockhash expired is signed anew, once the old one can no longer land', async () => {
    const device = await start()
    await device.sender.submit(await alone())
    devnet.set({ loseTransactions: true })
    const event = await alone()
    const { reference } = await device.sender.submit(event)
    await devnet.step(170)
    devnet.set(NO_FAULTS)
    expect((await untilOnChain(device, 2)).filter((id) => id === event.id)).toHaveLength(1)
    expect((await device.transactions()).map(({ signature }) => signature)).not.toContain(reference)
    const again = await device.sender.submit(event)
    expect(again.level).toBe('final')
    expect(again.reference).not.toBe(reference)
  })

  test('a slot that had it is dropped: it is sent again', async () => {
    const device = await start()
    devnet.set({ stallFinality: true })
    const event = await alone()
    await device.sender.submit(event)
    await until(async () => (await device.onChain()).length === 1)
    devnet.rollBack(4, 'vanish')
    devnet.set(NO_FAULTS)
    expect(await untilOnChain(device, 1)).toEqual([event.id])
  })

  test('another chain under the same URL gets nothing', async () => {
    const device = await start()
    await device.sender.submit(await alone())
    devnet.exchange()
    await expect(device.sender.submit(await alone())).rejects.toMatchObject({ code: expect.stringMatching(/^NETWORK_/) })
    await devnet.step(3)
    expect((await (await start()).onChain()).length).toBe(0)
  })
})

describe('funds', () => {
  test('a payer without any is named, and goes on once it has some', async () => {
    const device = await start({ faucet: false })
    const event = await alone()
    await expect(device.sender.submit(event)).rejects.toMatchObject({ code: 'NETWORK_UNFUNDED', context: { address: device.address } })
    await devnet.airdrop(device.address, 10_000_000)
    await until(() =>
      device.sender.submit(event).then(
        () => true,
        () => false,
      ),
    )
    expect(await untilOnChain(device, 1)).toEqual([event.id])
  })
})
