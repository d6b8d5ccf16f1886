import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { START_CURSOR } from '../../model/cursor.js'
import type { EventId } from '../../model/event.js'
import { compareOrder } from '../../model/receipt.js'
import type { Receipt } from '../../model/receipt.js'
import { encodeEventList } from '../../codec/event-list.js'
import { computeEventId, referenceFromBytes } from '../../codec/event-id.js'
import { EventFactory } from '../../testing/event-factory.js'
import type { FactoryEvent } from '../../testing/event-factory.js'
import { ManualPlatform } from '../../testing/manual-platform.js'
import type { Update } from '../provider.js'
import { anchorMemo } from './anchor-memo.js'
import type { SignedEvents } from './memo-events.js'
import { MemoWriter } from './memo-writer.js'
import { Reading } from './reading.js'
import { MemoryRows } from '../../testing/memory-parts.js'
import { ModelledChain } from './test/modelled-chain.js'

const SPACE = new Uint8Array(32).fill(7)
const reference = referenceFromBytes(SPACE)
const CHAIN = 'genesis-of-the-modelled-chain'

/** A device as far as reading goes: what the core would keep of the updates, in the way that it keeps it. */
class Device {
  cursor = START_CURSOR
  readonly events = new Set<EventId>()
  readonly receipts = new Map<EventId, Receipt>()
  /** The lists that it can have, by their CIDs. */
  readonly has = new Set<string>()
  readonly #rows = new MemoryRows()
  #chain: ModelledChain
  #reading: Reading

  constructor(chain: ModelledChain) {
    this.#chain = chain
    this.#reading = this.#open()
  }

  restart(): void {
    this.#reading = this.#open()
  }

  moveTo(chain: ModelledChain): void {
    this.#chain = chain
    this.restart()
  }

  /** @param most updates after which it dies; the last one is lost with its cursor */
  async pull(most = Infinity, chain = CHAIN): Promise<number> {
    let count = 0
    for await (const update of this.#reading.pull(this.cursor, chain)) {
      if (++count > most) {
        this.restart()
        return count
      }
      await this.#take(update)
    }
    return count
  }

  ignored(): ReturnType<Reading['ignored']> {
    return this.#reading.ignored()
  }

  get unsettled(): number {
    return this.#reading.unsettled
  }

  async #take({ events, receipts, retracted, reset, cursor }: Update): Promise<void> {
    if (reset === true) this.receipts.clear()
    for (const bytes of events) this.events.add(await computeEventId(new Uint8Array(bytes)))
    for (const receipt of receipts) {
      expect(this.events).toContain(receipt.event)
      const known = this.receipts.get(receipt.event)
      expect(known?.level === 'final' && known.reference !== receipt.reference).toBe(false)
      this.receipts.set(receipt.event, receipt)
    }
    for (const id of retracted) {
      expect(['confirmed', 'shared']).toContain(this.receipts.get(id)?.level)
      this.receipts.delete(id)
    }
    this.cursor = cursor
  }

  readonly #lists = {
    beginPull: () => undefined,
    find: (cid: string): Promise<SignedEvents | undefined> => {
      const list = lists.find((one) => one.cid === cid)
      const events = list?.events.map(({ id, bytes }, position) => ({ id, bytes: new Uint8Array(bytes), position }))
      return Promise.resolve(events !== undefined && this.has.has(cid) ? { events, ignored: [] } : undefined)
    },
  }

  #open(): Reading {
    const spaces = [{ reference, needs: ['consensus'] as const, secret: SPACE }]
    return new Reading({ rpc: this.#chain, rows: this.#rows, platform: new ManualPlatform(), lists: this.#lists, spaces: () => spaces })
  }
}

function memoOf(events: readonly FactoryEvent[]): string {
  const writer = new MemoWriter(1_232)
  for (const event of events) if (!writer.add({ id: event.id, bytes: new Uint8Array(event.bytes) })) expect.fail('it does not fit')
  return writer.text()
}

let pairs: readonly (readonly FactoryEvent[])[]
let strangers: readonly string[]

/** Events that storage keeps, and the memo that anchors them. */
interface List {
  readonly events: readonly FactoryEvent[]
  readonly cid: string
  readonly memo: string
}
let lists: readonly List[] = []

async function listOf(events: readonly FactoryEvent[]): Promise<List> {
  const cid = await computeEventId(encodeEventList(events.map(({ bytes }) => bytes)))
  return { events, cid, memo: await anchorMemo(cid, SPACE) }
}

beforeAll(async () => {
  const factory = await EventFactory.create(SPACE)
  const wishes = { needs: ['consensus'] as const }
  pairs = [
    ...(await Promise.all(Array.from({ length: 20 }, async () => await (await EventFactory.create(SPACE)).events(2, wishes)))),
    await factory.events(1, wishes),
  ]
  const more = await factory.events(4, wishes)
  // They have events in common with one another, and with memos.
  lists = await Promise.all([
    listOf(more),
    listOf([...more.slice(2), ...(pairs[0] ?? [])]),
    listOf([...(pairs[0] ?? []), ...(pairs[1] ?? []), ...more.slice(0, 1)]),
  ])
  const elsewhere = await (await EventFactory.create(new Uint8Array(32).fill(9))).events(1, wishes)
  const team = await (await EventFactory.create(SPACE)).events(1, { needs: ['team'] })
  const real = memoOf(pairs[0] ?? [])
  strangers = [
    '',
    'gm',
    'S',
    'S1',
    'S3abc',
    `S1${'~'.repeat(1_230)}`,
    'x; [3] S1a',
    real.slice(0, -3),
    `${real}!!`,
    memoOf(elsewhere),
    memoOf(team),
    await anchorMemo(lists[0]?.cid ?? '', new Uint8Array(32).fill(8)),
  ]
})

/** What the chain says, worked out in the simplest way: each event where it stands first. */
async function truth(chain: ModelledChain): Promise<readonly EventId[]> {
  const known = new Map([
    ...pairs.map((events) => [memoOf(events), events.map(({ id }) => id)] as const),
    ...lists.map(({ memo, events }) => [memo, events.map(({ id }) => id)] as const),
  ])
  const ids = chain.transactions().flatMap(({ memos, failed }) => (failed ? [] : memos.flatMap((memo) => known.get(memo) ?? [])))
  return [...new Set(ids)]
}

function inOrder(device: Device): readonly EventId[] {
  const receipts = [...device.receipts.values()]
  return receipts.toSorted((a, b) => compareOrder(a.order ?? [0, 0, 0], b.order ?? [0, 0, 0])).map(({ event }) => event)
}

type Step =
  | { readonly kind: 'slot'; readonly memos: readonly (readonly number[])[]; readonly failed: number }
  | { readonly kind: 'finalize'; readonly but: number }
  | { readonly kind: 'roll-back'; readonly slots: number; readonly again: boolean }
  | { readonly kind: 'pull'; readonly device: number; readonly most: number | undefined }
  | { readonly kind: 'restart'; readonly device: number }
  | { readonly kind: 'list-comes'; readonly device: number; readonly list: number }
  | { readonly kind: 'list-goes'; readonly device: number; readonly list: number }

/** Below zero: a stranger's memo; from 21 on the anchor of a list. */
const memo = fc.oneof(fc.nat(20), fc.integer({ min: -12, max: -1 }), fc.integer({ min: 21, max: 23 }))
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('slot' as const),
      memos: fc.array(fc.array(memo, { maxLength: 3 }), { maxLength: 4 }),
      failed: fc.nat(20),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('finalize' as const), but: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('roll-back' as const), slots: fc.nat(4), again: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pull' as const), device: fc.nat(1), most: fc.option(fc.nat(1), { nil: undefined }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), device: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('list-comes' as const), device: fc.nat(1), list: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('list-goes' as const), device: fc.nat(1), list: fc.nat(2) }) },
)

async function take(one: Step, chain: ModelledChain, devices: readonly Device[]): Promise<void> {
  switch (one.kind) {
    case 'slot': {
      const text = (index: number): string =>
        index < 0 ? (strangers[-index - 1] ?? '') : index > 20 ? (lists[index - 21]?.memo ?? '') : memoOf(pairs[index] ?? [])
      chain.addSlot(one.memos.map((memos, index) => ({ memos: memos.map(text), failed: index === one.failed })))
      return
    }
    case 'finalize':
      return chain.finalize(one.but)
    case 'roll-back':
      return chain.rollBack(one.slots, one.again)
    case 'pull':
      await devices[one.device]?.pull(one.most)
      return
    case 'restart':
      return devices[one.device]?.restart()
    case 'list-comes':
      return void devices[one.device]?.has.add(lists[one.list]?.cid ?? '')
    case 'list-goes':
      return void devices[one.device]?.has.delete(lists[one.list]?.cid ?? '')
  }
}

/** Whatever has a place, in the device's eyes, stands where the chain has it, without anything missing before it. */
async function expectNothingPastAGap(device: Device | undefined, chain: ModelledChain): Promise<void> {
  if (device === undefined) return
  const placed = inOrder(device).filter((id) => device.receipts.get(id)?.order !== undefined)
  expect(placed).toEqual((await truth(chain)).slice(0, placed.length))
  for (const { level, order } of device.receipts.values()) expect(level === 'shared').toBe(order === undefined)
}

describe('reading', () => {
  test('P5: whatever happens on the chain and whenever a device pulls, dies and starts, all end with what the chain says', async () => {
    const habits = fc.record({ withoutMemos: fc.boolean(), withoutIndex: fc.boolean() })
    const run = fc.asyncProperty(fc.array(step, { maxLength: 30 }), habits, async (steps, wanted) => {
      const chain = new ModelledChain()
      chain.habits = wanted
      const devices = [new Device(chain), new Device(chain)]
      for (const one of steps) {
        await take(one, chain, devices)
        if (one.kind === 'pull' && one.most === undefined) await expectNothingPastAGap(devices[one.device], chain)
      }
      for (const device of devices) {
        for (const { cid } of lists) device.has.add(cid)
        await device.pull()
        expect(inOrder(device)).toEqual(await truth(chain))
        expect(device.unsettled).toBe([...device.receipts.values()].filter(({ level }) => level !== 'final').length)
      }
      chain.finalize(0)
      for (const device of devices) {
        await device.pull()
        expect(inOrder(device)).toEqual(await truth(chain))
        expect([...device.receipts.values()].every(({ level }) => level === 'final')).toBe(true)
        expect(await device.pull()).toBe(0)
      }
    })
    await fc.assert(run, { numRuns: 60 })
  })

  test('a long history comes in order, in few calls, and in updates that can be stored', async () => {
    const chain = new ModelledChain()
    for (let slot = 0; slot < 1_100; slot++) chain.addSlot([{ memos: ['gm'] }, { memos: ['S1!'] }])
    chain.addSlot([{ memos: [memoOf(pairs[0] ?? [])] }])
    chain.finalize(0)
    const device = new Device(chain)
    await device.pull()
    expect(inOrder(device)).toEqual(await truth(chain))
    expect(chain.calls).toBe(3)
    expect(await device.ignored()).toEqual({ garbage: 2_200 })
  })

  test('a slot with more than one update holds goes out in parts, and is read again whole where a device dies between them', async () => {
    const chain = new ModelledChain()
    const events = await (await EventFactory.create(SPACE)).events(1_102, { needs: ['consensus'] })
    const memos = Array.from({ length: events.length / 2 }, (_, index) => memoOf(events.slice(index * 2, index * 2 + 2)))
    chain.addSlot([{ memos: memos.slice(0, 1) }])
    chain.addSlot([{ memos: ['gm'] }, ...memos.slice(1).map((text) => ({ memos: [text] }))])
    chain.finalize(0)
    const device = new Device(chain)
    const start = device.cursor
    expect(await device.pull(1)).toBe(2)
    expect(device.receipts.size).toBe(500)
    const afterFirst = device.cursor
    expect(afterFirst).not.toBe(start)
    expect(await device.pull(1)).toBe(2)
    // Only the first slot is behind it: the second one begins again.
    expect(device.cursor).toBe(afterFirst)
    expect(await device.pull()).toBe(3)
    expect(inOrder(device)).toEqual(events.map(({ id }) => id))
    expect(await device.ignored()).toEqual({ garbage: 1 })
    expect(await device.pull()).toBe(0)
  })

  test('what is passed over is counted by its reason, once', async () => {
    const chain = new ModelledChain()
    const [pair = []] = pairs
    chain.addSlot([{ memos: strangers }, { memos: [memoOf(pair)], failed: true }, { memos: [memoOf(pair)] }])
    const device = new Device(chain)
    await device.pull()
    chain.addSlot([{ memos: [memoOf(pair)] }])
    await device.pull()
    chain.finalize(0)
    await device.pull()
    device.restart()
    chain.addSlot([{ memos: [memoOf(pair)] }])
    chain.finalize(0)
    await device.pull()
    expect(await device.ignored()).toEqual({ garbage: 7, version: 2, unproven: 1, forged: 1, unasked: 1, failed: 1, repeated: 4 })
    expect(inOrder(device)).toEqual(pair.map(({ id }) => id))
  })

  test('another chain takes back what the first one gave', async () => {
    const chain = new ModelledChain()
    chain.addSlot([{ memos: [memoOf(pairs[0] ?? [])] }])
    chain.finalize(0)
    const device = new Device(chain)
    await device.pull()
    expect(device.receipts.size).toBe(2)
    const wiped = new ModelledChain()
    device.moveTo(wiped)
    await device.pull(Infinity, 'another-genesis')
    expect(device.receipts.size).toBe(0)
    wiped.addSlot([{ memos: [memoOf(pairs[0] ?? [])] }])
    await device.pull(Infinity, 'another-genesis')
    expect(inOrder(device)).toEqual(await truth(wiped))
  })

  test.each(['{}', '[2,"x",[]]', '[1,"x",[["a"]]]', '[1,"x",[["a",1,"s",[["b",1]]]]]', 'abc'])('the cursor %s is refused', async (text) => {
    const device = new Device(new ModelledChain())
    device.cursor = text as never
    await expect(device.pull()).rejects.toMatchObject({ code: 'INPUT_MALFORMED' })
  })
})
