import { beforeEach, describe, expect, test, vi } from 'vitest'
import { encodeBody, encodeSealedBody } from './codec/body-block.js'
import { encode } from './codec/dag-cbor.js'
import { computeEventId, shortIdOf } from './codec/event-id.js'
import { createFileCipher } from './crypto/file-cipher.js'
import { headerOf, write } from './events/test/member-pen.js'
import type { Written } from './events/test/member-pen.js'
import type { BodyReference, Event, EventContent, EventHeader } from './model/event.js'
import { parsePath } from './model/path.js'
import type { SpaceId } from './model/path.js'
import type { Value } from './model/value.js'
import type { NetworkProvider } from './networks/provider.js'
import { decodeSpaceRecord } from './spaces/space-record.js'
import { DocumentComposer } from './state/document-composer.js'
import { MemoryDisk } from './storage/memory/memory-disk.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { exchangeAll, openSpaceOf, Replica } from './testing/replicas.js'
import { SharedContent } from './testing/shared-content.js'
import type { ContentDevice } from './testing/shared-content.js'
import { SimulatedNetwork } from './testing/simulated-network.js'

/** What a member with a modified client, or who keeps content, could make of a body. */
let platform: ManualPlatform
let ada: Replica
let ben: Replica
let carl: Replica
let adas: ContentDevice
let bens: ContentDevice
let space: SpaceId

const salt = new Uint8Array(32).fill(7)

beforeEach(async () => {
  platform = new ManualPlatform({ seed: 7 })
  const shared = new SharedContent()
  // A network of hers alone, so that her bodies are stored; the tests hand over what she writes.
  const team = new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'] })
  const open = (content: ContentDevice, ...beside: readonly NetworkProvider[]): Promise<Replica> =>
    Replica.open(platform, new MemoryDisk(), [content.provider, ...beside])
  ;[adas, bens] = [shared.join(), shared.join()]
  ;[ada, ben, carl] = await Promise.all([open(adas, team.join('ada')), open(bens), open(shared.join())])
  space = await openSpaceOf([ada, ben, carl])
  await ada.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'put', value: { title: 'one' } })
  await exchangeAll([ada, ben, carl], space)
  return async () => {
    await Promise.all([ada, ben, carl].map((replica) => replica.runtime.close()))
  }
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let steps = 0; steps < 4_000; steps++) {
    if (await condition()) return
    platform.advance(250)
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('the condition did not come to hold')
}

async function sealed(plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const [key] = decodeSpaceRecord(ada.disk.records.get(`+/s/${space}`) ?? new Uint8Array()).keys
  if (key === undefined) throw new Error('the space has no key')
  return encodeSealedBody(await (await createFileCipher(key, salt)).seal(plain, { index: 0, last: true }))
}

async function keep(block: Uint8Array<ArrayBuffer>): Promise<BodyReference> {
  const cid = await computeEventId(block)
  adas.disk.set(cid, block)
  return { cid, size: block.length, salt }
}

/** Ada's next event, with a reference in place of its body. */
async function next(bodyCid: BodyReference, what: Partial<EventContent & Pick<EventHeader, 'needs'>> = {}): Promise<Written> {
  const last = (await ada.log(space)).findLast(({ author }) => author === ada.runtime.me)
  if (last === undefined) throw new Error('there is no event')
  const { op = 'put', needs = ['team'], path = parsePath(`${space}/tasks/1`) } = what
  const header = { ...headerOf(last), seq: last.seq + 1, previous: last.id, parents: [last.id], time: last.time + 1, needs }
  return await write(ada, space, { header, content: { path, op, body: {}, bodyCid } })
}

const good = (): Uint8Array<ArrayBuffer> => encodeBody({ value: 'x'.repeat(70_000) })

describe('refused alike on every device, and nothing changes:', () => {
  test.each<[what: string, says: string, make: () => Promise<Written>]>([
    [
      'sealed bytes that the key does not open',
      'can not be opened',
      async () => next(await keep(encodeSealedBody(new Uint8Array(70_000).fill(1)))),
    ],
    ['a block that is no dag-cbor', 'is not dag-cbor', async () => next(await keep(new Uint8Array(70_000).fill(0xff)))],
    ['a block in the open where a sealed one is named', 'is not sealed', async () => next(await keep(good()))],
    [
      'a body in the open of an event that is not',
      'is sealed where',
      async () => next({ ...(await keep(good())), salt: undefined as never }),
    ],
    ['a size that is another', 'bytes and not', async () => next({ ...(await keep(await sealed(good()))), size: 12 })],
    ['a body with more than the operation takes', 'canonical', async () => next(await keep(await sealed(encode({ value: 1, more: 2 }))))],
    ['a body that is no map', 'not a map', async () => next(await keep(await sealed(encode([1, 2]))))],
    ['a body of no canonical form', 'dag-cbor', async () => next(await keep(await sealed(Uint8Array.from([...encode({ value: 1 }), 0]))))],
    ['arguments of another operation', 'count', async () => next(await keep(await sealed(encode({ index: 1 }))), { op: 'delete' })],
    ['a Yjs update that is none', 'Yjs', async () => next(await keep(await sealed(encode({ update: new Uint8Array(70_000).fill(9) }))))],
    [
      'consensus for what could be withheld',
      'must carry',
      async () => next(await keep(await sealed(good())), { needs: ['team', 'consensus'] }),
    ],
    ['a file that storage would not see', 'must carry', async () => next(await keep(await sealed(good())), { op: 'file' })],
  ])('P7: %s', async (_what, says, make) => {
    const before = await ada.fingerprint(space)
    const { id, bytes } = await make()
    for (const replica of [ben, carl]) {
      await replica.receive(bytes)
      await until(async () => (await replica.runtime.intake.standingOf(id))?.kind === 'rejected')
      expect(await replica.fingerprint(space)).toBe(before)
    }
    const verdicts = await Promise.all([ben, carl].map((replica) => replica.runtime.intake.standingOf(id)))
    expect(verdicts[0]).toEqual(verdicts[1])
    const code = expect.stringMatching(/^(EVENT|OPERATION)_MALFORMED$/) as unknown
    expect(verdicts[0]).toMatchObject({ code, reason: expect.stringContaining(says) as unknown })
    // It is not looked for again.
    const asked = bens.asked.length
    await ben.receive(bytes)
    platform.advance(60_000)
    expect(bens.asked).toHaveLength(asked)
  })

  test('what was changed on its way is no verdict: the event waits, and is applied when the true block comes', async () => {
    const whole = await ada.runtime.submitEvent({ path: `${space}/tasks/2`, op: 'put', value: 'y'.repeat(100_000) })
    const event = await ada.runtime.intake.log.read(whole)
    const reference = event?.bodyCid
    if (event === undefined || reference === undefined) throw new Error('the event has a body of its own')
    bens.disk.set(reference.cid, new Uint8Array(reference.size))
    await ben.receive(event.bytes)
    await until(async () => {
      const standing = await ben.runtime.intake.standingOf(whole)
      return standing?.kind === 'waiting' && standing.reason.includes('has another CID')
    })
    expect(await ben.value(`${space}/tasks/2`)).toBeUndefined()
    bens.disk.delete(reference.cid)
    await until(async () => (await ben.value(`${space}/tasks/2`)) !== undefined)
    expect(await ben.fingerprint(space)).toBe(await ada.fingerprint(space))
  })
})

test('a stranger to the space makes no device look for anything', async () => {
  const { bytes } = await next({ cid: await computeEventId(good()), size: 70_010, salt })
  const stranger = await Replica.open(platform, new MemoryDisk(), [bens.provider])
  await stranger.receive(bytes)
  expect(stranger.seen.map(({ diagnostic }) => diagnostic)).toMatchObject([{ kind: 'event-refused', code: 'SPACE_UNKNOWN' }])
  platform.advance(60_000)
  expect(bens.asked).toEqual([])
  await stranger.runtime.close()
})

test('a member who names bodies that nobody has takes not all the turns, and what he names beyond waits as well', async () => {
  const rivals = await Promise.all(
    Array.from({ length: 66 }, async (_none, at) => next({ cid: await computeEventId(encode({ at })), size: 70_010, salt })),
  )
  await ben.receive(...rivals.map(({ bytes }) => bytes))
  const reasons = await Promise.all(
    rivals.map(async ({ id }) => {
      const standing = await ben.runtime.intake.standingOf(id)
      return standing?.kind === 'waiting' ? standing.reason : undefined
    }),
  )
  expect(reasons.filter((reason) => reason?.startsWith('Too many bodies'))).toHaveLength(2)
  expect(reasons.filter((reason) => reason?.startsWith('The body of'))).toHaveLength(64)
})

test('P7: what takes events in and can not be loaded is no verdict: they are applied once it is there', async () => {
  const id = await ada.runtime.submitEvent({ path: `${space}/tasks/3`, op: 'put', value: 'later' })
  const { bytes } = (await ada.runtime.intake.log.read(id)) ?? expect.fail('it is not in the log')
  const loading = vi.spyOn(DocumentComposer.prototype, 'readyToAbsorb').mockRejectedValueOnce(new TypeError('Failed to fetch'))
  await expect(ben.receive(bytes)).rejects.toThrow('Failed to fetch')
  loading.mockRestore()
  expect(await ben.runtime.intake.standingOf(id)).toBeUndefined()
  await ben.receive(bytes)
  expect(await ben.value(`${space}/tasks/3`)).toBe('later')
})

test('what is taken out of the log with a lie of its author, and placed anew, has its body still, though nobody serves it any more', async () => {
  const submit = async (path: string, value: Value): Promise<Event> => {
    const id = await ada.runtime.submitEvent({ path: `${space}/${path}`, op: 'put', value })
    await until(async () => (await ada.runtime.trace(id)).deliveries[0]?.phase === 'delivered')
    const event = await ada.runtime.intake.log.read(id)
    return event ?? expect.fail('it is not in the log')
  }
  const first = await submit('notes/1/a', 'one')
  const second = await submit('notes/1/b', 'two')
  const after = await submit('notes/2', { text: 'z'.repeat(100_000) })
  await ben.receive(first.bytes, second.bytes, after.bytes)
  await until(async () => (await ben.value(`${space}/notes/2`)) !== undefined)
  const before = await ben.fingerprint(`${space}/notes/2`)
  adas.serves = false
  bens.disk.clear()
  const { previous: _second, ...header } = headerOf(second)
  const lie = await write(ada, space, {
    header: {
      ...{ ...header, parents: first.parents, supersedes: [shortIdOf(first.id), shortIdOf(second.id)] },
      ...(first.previous === undefined ? {} : { previous: first.previous }),
    },
    content: { path: first.path, op: 'put', body: first.body },
  })
  await ben.receive(lie.bytes)
  expect(await ben.value(`${space}/notes/1`)).toEqual({ a: 'one' })
  expect(await ben.fingerprint(`${space}/notes/2`)).toBe(before)
  await ben.restart()
  expect(await ben.fingerprint(`${space}/notes/2`)).toBe(before)
  expect(await ben.runtime.intake.waitingIn(after.space)).toEqual([])
})
