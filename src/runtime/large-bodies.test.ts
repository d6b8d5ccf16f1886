import { beforeEach, describe, expect, test } from 'vitest'
import { isSpiceTimeError } from './errors/spice-time-error.js'
import { MAX_BODY_BYTES, MAX_EVENT_BYTES } from './model/event.js'
import type { Event, EventId, EventInput } from './model/event.js'
import type { SpaceId } from './model/path.js'
import { MemoryDisk } from './storage/memory/memory-disk.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { openSpaceOf, Replica } from './testing/replicas.js'
import { SharedContent } from './testing/shared-content.js'
import type { ContentDevice } from './testing/shared-content.js'
import { SimulatedNetwork } from './testing/simulated-network.js'

/** Whole runtimes on a simulated team network, beside a network that keeps content. */
let platform: ManualPlatform
let team: SimulatedNetwork
let chain: SimulatedNetwork
let shared: SharedContent
let ada: Replica
let ben: Replica
let contents: { readonly ada: ContentDevice; readonly ben: ContentDevice }
let space: SpaceId

beforeEach(async () => {
  platform = new ManualPlatform({ seed: 24 })
  team = new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'] })
  chain = new SimulatedNetwork({ platform, network: 'solana', requirements: ['consensus'], ordering: 'total' })
  shared = new SharedContent()
  contents = { ada: shared.join(), ben: shared.join() }
  ;[ada, ben] = await Promise.all([open('ada', contents.ada), open('ben', contents.ben)])
  space = await openSpaceOf([ada, ben], { plain: 'last-writer' })
  return async () => {
    await Promise.all([ada.runtime.close(), ben.runtime.close()])
  }
})

function open(name: string, content?: ContentDevice): Promise<Replica> {
  const beside = content === undefined ? [] : [content.provider]
  return Replica.open(platform, new MemoryDisk(), [team.join(name), chain.join(name), ...beside])
}

/** Lets time pass, with room for all that it sets off, until the condition holds. */
async function until(condition: () => Promise<boolean>, step = 250): Promise<void> {
  for (let steps = 0; steps < 4_000; steps++) {
    if (await condition()) return
    platform.advance(step)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([ada.runtime.intake.settled(), ben.runtime.intake.settled()])
  }
  throw new Error('the condition did not come to hold')
}

/** Until both devices hold the same, byte for byte. */
async function alike(): Promise<void> {
  await until(async () => (await ben.fingerprint(space)) === (await ada.fingerprint(space)))
}

/** Text that no encoding shortens much. */
function words(bytes: number): string {
  let text = ''
  for (let word = 0; text.length < bytes; word++) text += `${(word * 2_654_435_761) % 1_000_003} `
  return text.slice(0, bytes)
}

const large = { title: 'Survey', text: words(200 * 1024) }

async function code(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return isSpiceTimeError(error) ? { code: error.code, limit: error.context['limit'], says: error.message } : error
}

async function eventOf(replica: Replica, id: EventId): Promise<Event | undefined> {
  return await replica.runtime.intake.log.read(id)
}

const reasonAt = async (replica: Replica, id: EventId): Promise<string> => {
  const standing = await replica.runtime.intake.standingOf(id)
  return standing?.kind === 'waiting' ? standing.reason : ''
}

describe('a body that does not fit into its event', () => {
  test('P6: gets to the other device whole, by a small event and a block that is sealed', async () => {
    const path = `${space}/tasks/1`
    const id = await ada.runtime.submitEvent({ path, op: 'put', value: large })
    await until(async () => (await ben.value(path)) !== undefined)
    expect(await ben.value(path)).toEqual(large)
    await alike()
    const event = await eventOf(ben, id)
    expect(event?.bytes.length).toBeLessThan(1_000)
    expect([...contents.ada.disk.keys()]).toEqual([event?.bodyCid?.cid])
    const [block] = contents.ada.disk.values()
    expect(block?.length).toBe(event?.bodyCid?.size)
    expect(Buffer.from(block ?? []).includes('Survey')).toBe(false)
    await until(async () => (await ada.runtime.trace(id)).level !== 'local')
    expect((await ada.runtime.trace(id)).decision?.legs).toMatchObject([{ requirement: 'team', network: 'holochain' }])
  })

  test.each<[string, (path: string) => EventInput]>([
    ['a text', (path) => ({ path: `${path}/text`, op: 'text', delta: [{ insert: words(300 * 1024) }] })],
    ['fields of a document', (path) => ({ path, op: 'patch', value: { second: words(100 * 1024) } })],
    ['bytes', (path) => ({ path: `${path}/bytes`, op: 'put', value: platform.randomBytes(500_000) })],
    ['many small things', (path) => ({ path: `${path}/many`, op: 'put', value: Array.from({ length: 40_000 }, (_, at) => ({ at })) })],
    ['a document of the last writer', (path) => ({ path: path.replace('/tasks/', '/plain/'), op: 'put', value: large })],
    ['what is public', (path) => ({ path, op: 'patch', value: { second: words(100 * 1024) }, public: true })],
  ])('%s', async (_what, input) => {
    const path = `${space}/tasks/1`
    await ada.runtime.submitEvent({ path, op: 'put', value: { text: '' } })
    await ada.runtime.submitEvent(input(path))
    await alike()
    expect((await ben.log(space)).filter(({ bodyCid }) => bodyCid !== undefined)).toHaveLength(1)
  })

  test('of every size about the limit goes one way or the other', async () => {
    for (let bytes = MAX_EVENT_BYTES - 600; bytes <= MAX_EVENT_BYTES + 60; bytes += 220)
      await ada.runtime.submitEvent({ path: `${space}/edge/${bytes}`, op: 'put', value: { text: words(bytes) } })
    await alike()
    const edge = (await ben.log(space)).filter(({ path }) => path.includes('/edge/'))
    expect(edge.every(({ bytes }) => bytes.length <= MAX_EVENT_BYTES)).toBe(true)
    expect(new Set(edge.map(({ bodyCid }) => bodyCid === undefined)).size).toBe(2)
  })

  test('of what stays on this device needs no network', async () => {
    const alone = await Replica.open(platform, new MemoryDisk(), [])
    const id = await alone.runtime.submitEvent({ path: 'me/notes/1', op: 'put', value: large })
    await alone.runtime.submitEvent({ path: 'me/notes/1', op: 'put', value: 'short' })
    await alone.restart()
    expect(await alone.value('me/notes/1')).toBe('short')
    const before = await alone.runtime.getState('me/notes/1', { at: id })
    expect(before.kind === 'state' && before.state.value).toEqual(large)
    await alone.runtime.undo({ under: 'me/notes' })
    expect(await alone.value('me/notes/1')).toEqual(large)
    await alone.runtime.close()
  })
})

describe('the legs of an event whose body is beside it run in order', () => {
  test('P1: while nothing keeps content it waits with the reason, over a restart, and goes out once its body is stored', async () => {
    contents.ada.setAway('The disk is asleep.')
    const path = `${space}/tasks/1`
    const id = await ada.runtime.submitEvent({ path, op: 'put', value: large })
    const waits = async (): Promise<boolean> =>
      (await ada.runtime.trace(id)).deliveries[0]?.reason?.includes('The disk is asleep.') === true
    await until(waits)
    expect(await ada.value(path)).toEqual(large)
    await ada.restart()
    await until(waits)
    expect(contents.ada.disk.size).toBe(0)
    expect(await ben.runtime.intake.standingOf(id)).toBeUndefined()
    contents.ada.setAway(undefined)
    await until(async () => (await ben.value(path)) !== undefined)
    expect(await ben.value(path)).toEqual(large)
  })

  test('P3: what was written while it waited is sent all the same, and follows it on the other device', async () => {
    contents.ada.setAway('The disk is asleep.')
    const path = `${space}/tasks/1`
    await ada.runtime.submitEvent({ path, op: 'put', value: large })
    const later = await ada.runtime.submitEvent({ path, op: 'patch', value: { title: 'Survey of the ground' } })
    await until(async () => (await ben.runtime.intake.standingOf(later))?.kind === 'waiting')
    expect(await ben.value(path)).toBeUndefined()
    contents.ada.setAway(undefined)
    await until(async () => (await ben.value(`${path}/title`)) === 'Survey of the ground')
    await alike()
  })
})

describe('an event that came without its body', () => {
  test('P2, P3: waits with the reason, children with it, over a restart, and is applied once when a peer has it', async () => {
    contents.ben.fetches = 'not'
    const path = `${space}/tasks/1`
    const id = await ada.runtime.submitEvent({ path, op: 'put', value: large })
    const child = await ada.runtime.submitEvent({ path: `${path}/done`, op: 'put', value: true })
    await until(async () => (await reasonAt(ben, id)).includes('is missing'))
    expect(await reasonAt(ben, id)).toMatch(
      /^The body of its change of '.*\/tasks\/1' \(\d+ bytes, bafyrei.*\) is missing: Nobody who was asked has/,
    )
    expect(await reasonAt(ben, child)).toContain('events it builds on are missing')
    expect(await ben.value(path)).toBeUndefined()
    await ben.restart()
    await until(async () => contents.ben.asked.length > 2)
    expect(await ben.value(path)).toBeUndefined()
    contents.ben.fetches = 'well'
    await until(async () => (await ben.value(`${path}/done`)) === true)
    await alike()
    expect(ben.seen.filter(({ diagnostic }) => diagnostic.kind === 'event-applied' && diagnostic.event === id)).toHaveLength(1)
    expect(await ben.runtime.intake.waitingIn((await eventOf(ben, id))?.space ?? '')).toEqual([])
  })

  test('is looked for ever less often, and at once when the network that keeps content changes', async () => {
    contents.ben.fetches = 'not'
    const id = await ada.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'put', value: large })
    await until(async () => (await reasonAt(ben, id)).includes('is missing'))
    const from = contents.ben.asked.length
    const began = platform.now()
    await until(() => Promise.resolve(platform.now() > began + 1_800_000), 1_000)
    const tries = contents.ben.asked.length - from
    expect(tries).toBeGreaterThan(6)
    expect(tries).toBeLessThan(16)
    contents.ben.setAway(undefined)
    await until(() => Promise.resolve(contents.ben.asked.length > from + tries))
    expect(platform.now()).toBeLessThan(began + 1_800_000 + 5_000)
  })

  test('is given up for the time being when nobody answers', async () => {
    contents.ben.fetches = 'stalled'
    const id = await ada.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'put', value: large })
    await until(async () => (await reasonAt(ben, id)).includes('nobody gave it within 20 s'))
    contents.ben.fetches = 'well'
    await until(async () => (await eventOf(ben, id)) !== undefined)
    expect(await ben.value(`${space}/tasks/1`)).toEqual(large)
  })

  test('is applied where its device had no storage, once it has', async () => {
    const carl = await open('carl')
    await carl.runtime.joinSpace(await ada.runtime.invite(space), { as: 'carl' })
    const id = await ada.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'put', value: large })
    await until(async () => (await reasonAt(carl, id)).includes('no network that keeps content'))
    expect(await carl.value(`${space}/tasks/1`)).toBeUndefined()
    await carl.runtime.close()
    const again = await Replica.open(platform, carl.disk, [team.join('carl'), shared.join().provider])
    await until(async () => (await again.value(`${space}/tasks/1`)) !== undefined)
    expect(await again.value(`${space}/tasks/1`)).toEqual(large)
    await again.runtime.close()
  })
})

describe('offline, after a restart', () => {
  test('the past, an undo and a rebuild have the whole body, on both devices', async () => {
    const path = `${space}/tasks/1`
    const id = await ada.runtime.submitEvent({ path, op: 'put', value: large })
    const second = await ada.runtime.submitEvent({ path, op: 'put', value: { title: 'short' } })
    await until(async () => (await eventOf(ben, second)) !== undefined)
    for (const [name, content] of Object.entries(contents)) {
      content.setAway('gone')
      content.disk.clear()
      team.disconnect(name)
    }
    await Promise.all([ada.restart(), ben.restart()])
    for (const replica of [ada, ben]) {
      const past = await replica.runtime.getState(path, { at: id })
      expect(past.kind === 'state' && past.state.value).toEqual(large)
      await replica.runtime.intake.refold([`${space}/tasks/1` as never])
      expect(await replica.value(path)).toEqual({ title: 'short' })
    }
    await ada.runtime.undo({ under: path })
    expect(await ada.value(path)).toEqual(large)
  })

  test('P4: an undo that brings a large text back is large itself, and gets to the others', async () => {
    const path = `${space}/notes/1`
    const text = words(150 * 1024)
    await ada.runtime.submitEvent({ path, op: 'put', value: { text: '' } })
    await ada.runtime.submitEvent({ path: `${path}/text`, op: 'text', delta: [{ insert: text }] })
    await ada.runtime.submitEvent({ path: `${path}/text`, op: 'text', delta: [{ delete: text.length }] })
    const undo = await ada.runtime.undo({ under: path })
    expect((await eventOf(ada, undo))?.bodyCid).toBeDefined()
    await until(async () => (await ben.value(`${path}/text`)) === text)
    await alike()
  })

  test('P4: what is typed around a large paste is merged, and the paste stays as it is', async () => {
    const path = `${space}/notes/1/text`
    await ada.runtime.submitEvent({ path: `${space}/notes/1`, op: 'put', value: { text: '' } })
    await until(async () => (await ben.value(path)) === '')
    team.disconnect('ada')
    const before = (await ada.log(space)).length
    for (let at = 0; at < 10; at++)
      await ada.runtime.submitEvent({ path, op: 'text', delta: [...(at === 0 ? [] : [{ retain: at }]), { insert: 'a' }] })
    await ada.runtime.submitEvent({ path, op: 'text', delta: [{ retain: 10 }, { insert: words(100 * 1024) }] })
    for (let at = 0; at < 10; at++) await ada.runtime.submitEvent({ path, op: 'text', delta: [{ insert: 'b' }] })
    team.reconnect('ada')
    await alike()
    expect((await ada.log(space)).length - before).toBe(3)
  })
})

describe('is refused before anything changes', () => {
  test('more than a body may have, and what must be in its event', async () => {
    const path = `${space}/tasks/1`
    await ada.runtime.submitEvent({ path, op: 'put', value: { title: 'short' } })
    const before = await ada.fingerprint(space)
    const tooMuch = { path, op: 'put', value: { text: words(MAX_BODY_BYTES) } } as const
    expect(await code(ada.runtime.submitEvent(tooMuch))).toMatchObject({
      ...{ code: 'EVENT_TOO_LARGE', limit: MAX_BODY_BYTES },
      says: expect.stringContaining("operation 'file'") as unknown,
    })
    expect(await code(ada.runtime.submitEvent({ path: 'me/a/1', op: 'put', value: words(MAX_BODY_BYTES) }))).toMatchObject({
      ...{ code: 'EVENT_TOO_LARGE', limit: MAX_BODY_BYTES },
    })
    const ordered = { path: `${space}/claims/1`, op: 'put', value: large, requires: 'consensus' } as const
    expect(await code(ada.runtime.submitEvent(ordered))).toMatchObject({ code: 'EVENT_TOO_LARGE', limit: MAX_EVENT_BYTES })
    const nested = { path, op: 'put', value: { deep: Array.from({ length: 150_000 }, () => ({})) } } as const
    expect(await code(ada.runtime.submitEvent(nested))).toMatchObject({ code: 'EVENT_MALFORMED' })
    expect(await ada.fingerprint(space)).toBe(before)
    await ada.runtime.submitEvent({ path, op: 'patch', value: { title: 'on it goes' } })
    await until(async () => (await ben.value(`${path}/title`)) === 'on it goes')
  })

  test('anything large where no network keeps content', async () => {
    const carl = await open('carl')
    await carl.runtime.joinSpace(await ada.runtime.invite(space), { as: 'carl' })
    const path = `${space}/tasks/1`
    expect(await code(carl.runtime.submitEvent({ path, op: 'put', value: large }))).toMatchObject({
      ...{ code: 'EVENT_TOO_LARGE', limit: MAX_EVENT_BYTES },
      says: expect.stringContaining('no network that keeps content') as unknown,
    })
    expect(await carl.value(path)).toBeUndefined()
    await carl.runtime.submitEvent({ path, op: 'put', value: large, requires: 'local' })
    expect(await carl.value(path)).toEqual(large)
    await carl.runtime.close()
  })
})
