import { beforeEach, describe, expect, test } from 'vitest'
import { encodeContent } from '../codec/content-codec.js'
import { decodeEvent, encodeUnsigned, attachSignature } from '../codec/event-codec.js'
import { computeEventId } from '../codec/event-id.js'
import { createSpaceCipher } from '../crypto/space-keys.js'
import { authorOf, generateAuthorPair } from '../crypto/signing.js'
import type { Author } from '../crypto/signing.js'
import type { Event, EventContent, EventHeader, EventId } from '../model/event.js'
import type { Level } from '../model/network.js'
import { parsePath } from '../model/path.js'
import type { SpaceId } from '../model/path.js'
import type { ChainOrder, Receipt } from '../model/receipt.js'
import { nodePlatform } from '../platform/node.js'
import { decodeSpaceRecord } from '../spaces/space-record.js'
import { MemoryDisk } from '../storage/memory/memory-disk.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { exchangeAll, openSpaceOf, Replica } from '../testing/replicas.js'

const START = 1_800_000_000_000
let platform: ManualPlatform
let ada: Replica
let ben: Replica
let space: SpaceId

beforeEach(async () => {
  platform = new ManualPlatform({ seed: 1, start: START })
  ada = await Replica.open(platform)
  ben = await Replica.open(platform)
  space = await openSpaceOf([ada, ben])
  await exchangeAll([ada, ben], space)
})

/** The event again with another header, signed by whom the test says. */
async function forge(event: Event, change: Partial<EventHeader>, author: Author): Promise<Uint8Array<ArrayBuffer>> {
  const { header, payload } = decodeEvent(new Uint8Array(event.bytes))
  const forged = { ...header, ...change, author: author.id }
  const unsigned = encodeUnsigned(forged, payload)
  return attachSignature(forged, payload, { unsigned, signature: await author.sign(unsigned) })
}

async function stranger(): Promise<Author> {
  return await authorOf(await generateAuthorPair())
}

async function last(replica: Replica): Promise<Event> {
  const event = (await replica.log(space)).at(-1)
  if (event === undefined) throw new Error('the log is empty')
  return event
}

function refusals(replica: Replica): readonly string[] {
  return replica.seen.flatMap(({ diagnostic }) =>
    diagnostic.kind === 'event-refused' || diagnostic.kind === 'event-quarantined' ? [diagnostic.code] : [],
  )
}

describe('an event that is malformed, wrongly signed or not permitted changes nothing, and is shown with its reason', () => {
  const refused = async (bytes: Uint8Array, code: string): Promise<void> => {
    const before = await ben.fingerprint(space)
    const count = (await ben.log()).length
    await ben.receive(bytes)
    expect(refusals(ben)).toContain(code)
    expect(await ben.fingerprint(space)).toBe(before)
    expect((await ben.log()).length).toBe(count)
  }

  beforeEach(async () => {
    await ada.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'put', value: { title: 'one' } })
  })

  test('garbage', async () => {
    await refused(new Uint8Array([1, 2, 3]), 'EVENT_MALFORMED')
    await refused(new Uint8Array(0), 'EVENT_MALFORMED')
  })

  test('a flipped bit anywhere', async () => {
    const { bytes } = await last(ada)
    for (let index = 0; index < bytes.length; index += 7) {
      const flipped = new Uint8Array(bytes)
      flipped[index] = (flipped[index] ?? 0) ^ 1
      await ben.receive(flipped)
    }
    expect(await ben.value(`${space}/tasks/1`)).toBeUndefined()
    expect(new Set(refusals(ben))).toContain('SIGNATURE_INVALID')
  })

  test('more than 64 KiB', async () => {
    await refused(new Uint8Array(65 * 1024), 'EVENT_TOO_LARGE')
  })

  test('another version', async () => {
    const bytes = new Uint8Array((await last(ada)).bytes)
    const at = bytes.findIndex((byte, index) => byte === 0x61 && bytes[index + 1] === 0x76)
    bytes[at + 2] = 9
    await refused(bytes, 'EVENT_VERSION_UNKNOWN')
  })

  test('a signature of somebody else under the author’s name', async () => {
    const bytes = new Uint8Array((await last(ada)).bytes)
    const decoded = decodeEvent(bytes)
    const other = await stranger()
    const signature = await other.sign(decoded.unsigned)
    await refused(attachSignature(decoded.header, decoded.payload, { unsigned: decoded.unsigned, signature }), 'SIGNATURE_INVALID')
  })

  test('an author who was never invited', async () => {
    const { previous: _previous, ...rest } = decodeEvent(new Uint8Array((await last(ada)).bytes)).header
    const other = await stranger()
    const { payload } = decodeEvent(new Uint8Array((await last(ada)).bytes))
    const header = { ...rest, seq: 0, parents: [], author: other.id }
    const unsigned = encodeUnsigned(header, payload)
    await refused(attachSignature(header, payload, { unsigned, signature: await other.sign(unsigned) }), 'AUTHOR_NOT_PERMITTED')
  })

  test('bytes that are not canonical', async () => {
    const bytes = new Uint8Array((await last(ada)).bytes)
    await refused(new Uint8Array([...bytes, 0]), 'EVENT_MALFORMED')
  })

  test('an event of a space that was not joined leaves no trace but the report', async () => {
    const carl = await Replica.open(platform)
    const other = await openSpaceOf([carl])
    const event = (await carl.log(other))[0]
    if (event === undefined) throw new Error('no event')
    await refused(event.bytes, 'SPACE_UNKNOWN')
  })
})

/** A member's own event with another content: what a modified client could sign and seal. */
async function withContent(replica: Replica, event: Event, content: EventContent): Promise<Uint8Array<ArrayBuffer>> {
  const pair = replica.disk.keys.get('author')
  const record = decodeSpaceRecord(replica.disk.records.get(`+/s/${space}`) ?? new Uint8Array())
  const [key] = record.keys
  if (pair === undefined || !('privateKey' in pair) || key === undefined) throw new Error('the device has no keys')
  const cipher = await createSpaceCipher(key, event.space, (length) => platform.randomBytes(length))
  const payload = { kind: 'sealed' as const, epoch: 0, sealed: await cipher.seal(encodeContent(content)) }
  const { header } = decodeEvent(new Uint8Array(event.bytes))
  const unsigned = encodeUnsigned(header, payload)
  return attachSignature(header, payload, { unsigned, signature: await (await authorOf(pair)).sign(unsigned) })
}

test('a hostile update between good ones is refused, and the good ones count', async () => {
  const path = parsePath(`${space}/tasks/1`)
  await ada.runtime.submitEvent({ path, op: 'put', value: { a: 1 } })
  await ben.receive((await last(ada)).bytes)
  await ada.runtime.submitEvent({ path, op: 'patch', value: { b: 2 } })
  const good = await last(ada)
  await ben.runtime.submitEvent({ path, op: 'patch', value: { c: 3 } })
  const inAdasName = await withContent(ben, await last(ben), { path, op: 'patch', body: good.body })
  const cut = await withContent(ben, await last(ben), { path, op: 'patch', body: { update: new Uint8Array([0, 0, 9, 9]) } })
  const carl = await Replica.open(platform)
  await carl.runtime.joinSpace(await ada.runtime.invite(space))
  const before = [...(await ada.log(space)).slice(0, -1)].map((event) => event.bytes)
  await carl.receive(...before, inAdasName, cut, good.bytes)
  expect(refusals(carl)).toEqual(expect.arrayContaining(['CLIENT_ID_FOREIGN', 'EVENT_MALFORMED']))
  expect(await carl.value(path)).toEqual({ a: 1, b: 2 })
  await carl.restart()
  expect(await carl.value(path)).toEqual({ a: 1, b: 2 })
})

describe('waiting', () => {
  test('events of one delivery need not wait for one another, in whatever order they come', async () => {
    for (let number = 0; number < 12; number++) {
      await ada.runtime.submitEvent({ path: `${space}/tasks/${number % 3}`, op: 'put', value: { number } })
    }
    await ben.receive(...(await ada.log(space)).map(({ bytes }) => bytes).toReversed())
    expect(await ben.fingerprint(space)).toBe(await ada.fingerprint(space))
    expect(ben.seen.filter(({ diagnostic }) => diagnostic.kind === 'event-waiting')).toEqual([])
  })

  test('an event is not visible before the events it names as parents, in whatever order they come', async () => {
    for (let value = 1; value <= 5; value++) await ada.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'put', value })
    const events = (await ada.log(space)).slice(-5)
    for (const event of events.toReversed().slice(0, 4)) {
      await ben.receive(event.bytes)
      expect(await ben.value(`${space}/tasks/1`)).toBeUndefined()
    }
    await ben.restart()
    await ben.receive(...events.slice(0, 1).map((event) => event.bytes))
    expect(await ben.value(`${space}/tasks/1`)).toBe(5)
  })

  test('what a network says of an event that waits is not lost, and is said once the event is applied', async () => {
    const said = (event: Event, order: ChainOrder, level: Level): Receipt => ({
      ...{ event: event.id, network: 'solana', level, reference: `signature-${order[0]}`, cost: 0, at: START, latency: 0, order },
    })
    const bring = (events: readonly Event[], receipts: readonly Receipt[], retracted: readonly EventId[] = []): Promise<void> =>
      ben.runtime.intake.receive('solana', { events: events.map(({ bytes }) => bytes), receipts, retracted })
    const path = `${space}/claims/1`
    for (let value = 1; value <= 3; value++) await ada.runtime.submitEvent({ path, op: 'put', value, requires: 'consensus' })
    const [first, second, third] = (await ada.log(space)).slice(-3)
    if (first === undefined || second === undefined || third === undefined) throw new Error('the log is short')
    await bring([second, third], [said(second, [2, 0, 0], 'confirmed'), said(third, [3, 0, 0], 'confirmed')])
    await ben.restart()
    // It comes again, gets further, and the other one is taken back, all while they wait.
    await bring([second], [said(second, [2, 0, 0], 'final')], [third.id])
    expect((await ben.runtime.intake.standingOf(second.id))?.kind).toBe('waiting')
    await ben.restart()
    await bring([first], [said(first, [1, 0, 0], 'final')])
    expect((await ben.runtime.trace(second.id)).receipts).toMatchObject([{ level: 'final', order: [2, 0, 0] }])
    expect((await ben.runtime.trace(third.id)).receipts).toEqual([])
    expect((await ben.runtime.trace(first.id)).level).toBe('final')
  })

  test('a price that only the sender knows and an order that only the chain tells end in one receipt, whichever comes last', async () => {
    const id = await ada.runtime.submitEvent({ path: `${space}/claims/1`, op: 'put', value: 1, requires: 'consensus' })
    const receipt = { event: id, network: 'solana', level: 'final', reference: 'signature', cost: 0, at: START, latency: 0 } as const
    const sent = { ...receipt, cost: 5_000, latency: 400 }
    const read = { ...receipt, order: [7, 0, 0] as const }
    for (const receipts of [[sent], [read], [sent]]) await ada.runtime.intake.receive('solana', { events: [], receipts, retracted: [] })
    expect((await ada.runtime.trace(id)).receipts).toMatchObject([{ cost: 5_000, latency: 400, order: [7, 0, 0] }])
  })

  test('an event from more than a minute ahead waits, is shown as waiting, and is applied when its time has come', async () => {
    const ahead = await Replica.open(new ManualPlatform({ seed: 2, start: START + 120_000 }))
    await ahead.runtime.joinSpace(await ada.runtime.invite(space))
    await ahead.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'put', value: 'early' })
    await exchangeAll([ada, ahead], space)
    expect(await ada.value(`${space}/tasks/1`)).toBeUndefined()
    expect(ada.seen.some(({ diagnostic }) => diagnostic.kind === 'event-waiting' && diagnostic.reason.includes('ahead'))).toBe(true)
    platform.advance(120_000)
    await expect.poll(() => ada.value(`${space}/tasks/1`)).toBe('early')
  })
})

describe('exactly once', () => {
  test('an event that comes again, also after a restart, has one effect', async () => {
    await ada.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'add', value: 1 })
    const { bytes } = await last(ada)
    await ben.receive(bytes, bytes)
    await ben.restart()
    await ben.receive(bytes)
    expect(await ben.value(`${space}/tasks/1`)).toBe(1)
    expect((await ben.log(space)).filter((event) => event.path.endsWith('/tasks/1'))).toHaveLength(1)
  })

  test('a submit that is sent again with its key counts once, also after a restart', async () => {
    const input = { path: 'me/counters/1', op: 'add', value: 1 } as const
    const [first, again] = await Promise.all([
      ada.runtime.submitEvent(input, { key: 'a-1' }),
      ada.runtime.submitEvent(input, { key: 'a-1' }),
    ])
    await ada.restart()
    expect([again, await ada.runtime.submitEvent(input, { key: 'a-1', again: true })]).toEqual([first, first])
    expect(await ada.value('me/counters/1')).toBe(1)
  })
})

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]))
}

describe('forks', () => {
  /** Two lives of one device from a copied profile. */
  async function fork(): Promise<{ twins: readonly [Replica, Replica]; bytes: Uint8Array[] }> {
    const copy = new MemoryDisk()
    for (const [key, value] of ada.disk.records.entries()) copy.records.set(key, value)
    for (const [name, key] of ada.disk.keys) copy.keys.set(name, key)
    const twin = await Replica.open(platform, copy)
    for (const [index, one] of [ada, twin].entries()) {
      await one.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'put', value: { from: index } })
      await one.runtime.submitEvent({ path: `${space}/tasks/${index + 2}`, op: 'put', value: { from: index } })
    }
    const bytes = [...(await ada.log(space)).slice(-2), ...(await twin.log(space)).slice(-2)].map((event) => event.bytes)
    return { twins: [ada, twin], bytes }
  }

  test('both branches are shown, and every device keeps the same one in whatever order they come', async () => {
    const { bytes } = await fork()
    const orders = permutations([0, 1, 2, 3])
    const prints: string[] = []
    for (const order of orders) {
      const disk = new MemoryDisk()
      for (const [key, value] of ben.disk.records.entries()) disk.records.set(key, value)
      for (const [name, key] of ben.disk.keys) disk.keys.set(name, key)
      const replica = await Replica.open(platform, disk)
      for (const index of order) await replica.receive(bytes[index] ?? new Uint8Array())
      platform.advance(10)
      await replica.runtime.intake.settled()
      prints.push(await replica.fingerprint(space))
      expect(refusals(replica)).toContain('AUTHOR_FORKED')
    }
    expect(new Set(prints).size).toBe(1)
  })

  test('what others built on the lost branch waits', async () => {
    const { bytes } = await fork()
    const ids = await Promise.all(bytes.map((one) => computeEventId(new Uint8Array(one))))
    const loser = (ids[0] ?? '') < (ids[2] ?? '') ? [2, 3] : [0, 1]
    const winner = loser[0] === 2 ? [0, 1] : [2, 3]
    for (const index of loser) await ben.receive(bytes[index] ?? new Uint8Array())
    await ben.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'patch', value: { note: 'mine' } })
    for (const index of winner) await ben.receive(bytes[index] ?? new Uint8Array())
    expect(await ben.value(`${space}/tasks/1`)).toEqual({ from: loser[0] === 2 ? 0 : 1 })
    await ben.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'patch', value: { note: 'again' } })
    expect(await ben.value(`${space}/tasks/1`)).toEqual({ from: loser[0] === 2 ? 0 : 1, note: 'again' })
  })
})

test('on Node’s own clock too', async () => {
  const replica = await Replica.open(nodePlatform)
  await replica.runtime.submitEvent({ path: 'me/a/1', op: 'put', value: 1 })
  expect(await replica.value('me/a/1')).toBe(1)
})

test('a forged copy with another time is no event of its author', async () => {
  await ada.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'put', value: 1 })
  const event = await last(ada)
  await ben.receive(await forge(event, { time: event.time + 1 }, await stranger()))
  expect(await ben.value(`${space}/tasks/1`)).toBeUndefined()
})

/** Where every look at the clock takes its time. */
class SlowPlatform extends ManualPlatform {
  turns = 0

  override monotonic(): number {
    this.advance(20)
    return super.monotonic()
  }

  override after(milliseconds: number, callback: () => void): () => void {
    if (milliseconds === 0) this.turns++
    return super.after(milliseconds, callback)
  }
}

test('a large batch lets others have a turn, while it is made and while it is applied, and is one transaction', async () => {
  const slow = new SlowPlatform({ seed: 2, start: START })
  const cleo = await Replica.open(slow)
  const shared = await openSpaceOf([cleo])
  const before = cleo.runtime.intake.lastPosition
  const inputs = Array.from({ length: 2000 }, (_, index) => ({ path: `${shared}/notes/${index}`, op: 'put' as const, value: { index } }))
  let ids: readonly EventId[] = []
  const submitting = cleo.runtime.submitEvents(inputs).then((made) => (ids = made))
  const positions = new Set<number>()
  while (ids.length === 0) {
    positions.add(cleo.runtime.intake.lastPosition)
    slow.advance(1)
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  await submitting
  expect(slow.turns).toBeGreaterThan(2)
  expect(new Set(ids).size).toBe(2000)
  positions.add(cleo.runtime.intake.lastPosition)
  expect([...positions]).toEqual([before, before + 2000])
})
