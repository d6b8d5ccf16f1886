import { beforeEach, describe, expect, test } from 'vitest'
import type { Platform } from '../runtime/platform/platform.js'
import { ManualPlatform, turn } from '../runtime/testing/manual-platform.js'
import { Ownership } from './ownership.js'
import { ownerName } from './protocol.js'
import type { OwnerQuestion } from './protocol.js'
import { MemoryOrigin } from './test/memory-origin.js'
import type { MemoryContext } from './test/memory-origin.js'

interface Candidate {
  readonly context: MemoryContext
  readonly ownership: Ownership
  readonly heard: string[]
}

/** Milliseconds after which an owner no longer counts as one that is busy with its start. */
const STARTED = 5000

let origin: MemoryOrigin
let platform: ManualPlatform
let candidates: Candidate[]
beforeEach(() => {
  origin = new MemoryOrigin()
  platform = new ManualPlatform()
  candidates = []
})

/** A host that lets go as soon as it is asked to. */
function candidate(database = 1, clock: Platform = platform): Candidate {
  const context = origin.context()
  const heard: string[] = []
  const generation = context.id
  const ownership: Ownership = new Ownership(
    { name: 'x', database, generation, locks: context.locks, channels: context.channels, platform: clock },
    {
      onOwned: () => heard.push('owned'),
      onLost: () => heard.push('lost'),
      onYield: () => {
        heard.push('yield')
        ownership.release()
      },
      onConnect: (channel) => heard.push(channel),
      onDrain: () => heard.push('drain'),
      onFailure: (error) => heard.push(String(error)),
    },
  )
  candidates.push({ context, ownership, heard })
  return { context, ownership, heard }
}

function bound(manual: ManualPlatform): Platform {
  return {
    now: () => manual.now(),
    monotonic: () => manual.monotonic(),
    randomBytes: (length) => manual.randomBytes(length),
    after: (milliseconds, callback) => manual.after(milliseconds, callback),
  }
}

/** What comes of the promise while time goes on. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  let done = false
  void promise.finally(() => (done = true))
  await platform.until(() => done)
  return promise
}

const owners = (): number => candidates.filter(({ context, ownership }) => !context.dead && ownership.owned).length

describe('a free database', () => {
  test('has its owner without a wait', async () => {
    const a = candidate()
    expect(await a.ownership.ask()).toBe(true)
    expect(a.heard).toEqual(['owned'])
    expect(platform.monotonic()).toBe(0)
    expect(await a.ownership.ask()).toBe(true)
  })

  test('has one owner of fifty that come at once, and nobody is robbed', async () => {
    const all = Array.from({ length: 50 }, () => candidate())
    const answers = await inTime(Promise.all(all.map(({ ownership }) => ownership.ask())))
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(owners()).toBe(1)
    expect(origin.thefts).toBe(0)
  })
})

describe('a living owner', () => {
  test('keeps the others waiting, and the next one has the database when it goes', async () => {
    const [a, b] = [candidate(), candidate()]
    await a.ownership.ask()
    expect(await inTime(b.ownership.ask())).toBe(false)
    a.ownership.release()
    await turn()
    expect(b.heard).toEqual(['owned'])
    expect(a.heard).toEqual(['owned'])
    expect(await b.ownership.ask()).toBe(true)
    expect(await inTime(a.ownership.ask())).toBe(false)
  })

  test('that is killed leaves it to the next at once', async () => {
    const [a, b] = [candidate(), candidate()]
    await a.ownership.ask()
    await inTime(b.ownership.ask())
    const before = platform.monotonic()
    a.context.kill()
    await turn()
    expect(b.heard).toEqual(['owned'])
    expect(platform.monotonic()).toBe(before)
  })

  test('hears what pages want, and only it does', async () => {
    const [a, b] = [candidate(), candidate()]
    await a.ownership.ask()
    await inTime(b.ownership.ask())
    const page = origin.context().channels(ownerName('x'))
    const say = (question: OwnerQuestion): void => page.postMessage(question)
    say({ spicetime: 'connect', channel: 'channel-1' })
    say({ spicetime: 'drain' })
    page.postMessage('nonsense')
    page.postMessage({ spicetime: 'connect' })
    await turn()
    expect(a.heard).toEqual(['owned', 'channel-1', 'drain'])
    expect(b.heard).toEqual([])
  })

  test('announces itself', async () => {
    const said: unknown[] = []
    origin
      .context()
      .channels(ownerName('x'))
      .addEventListener('message', (event) => said.push(event.data))
    const a = candidate(7)
    await a.ownership.ask()
    await turn()
    expect(said).toEqual([{ spicetime: 'owner', id: '', generation: a.context.id, database: 7, protocols: [1] }])
  })
})

describe('a silent owner', () => {
  test('is robbed after 450 ms, once, by one of many, and hears of it when it wakes', async () => {
    const a = candidate()
    await a.ownership.ask()
    const others = Array.from({ length: 10 }, () => candidate())
    await inTime(Promise.all(others.map(({ ownership }) => ownership.ask())))
    await platform.pass(STARTED)
    a.context.freeze()
    const before = platform.monotonic()
    const answers = await inTime(Promise.all(others.map(({ ownership }) => ownership.ask())))
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(origin.thefts).toBe(1)
    expect(platform.monotonic() - before).toBeGreaterThanOrEqual(450)
    expect(platform.monotonic() - before).toBeLessThan(1000)
    a.context.thaw()
    await turn()
    expect(a.heard).toEqual(['owned', 'lost'])
    expect(owners()).toBe(1)
    expect(await inTime(a.ownership.ask())).toBe(false)
  })

  test('gets twice as long after each theft, up to 30 seconds, and 450 ms again after a quiet minute', async () => {
    const waits: number[] = []
    const thief = candidate()
    const rob = async (): Promise<void> => {
      const victim = candidate()
      thief.ownership.release()
      await turn()
      expect(await inTime(victim.ownership.ask())).toBe(true)
      await platform.pass(STARTED)
      victim.context.freeze()
      const before = platform.monotonic()
      expect(await inTime(thief.ownership.ask())).toBe(true)
      waits.push(platform.monotonic() - before)
    }
    for (let round = 0; round < 9; round += 1) await rob()
    await platform.pass(60_001)
    await rob()
    expect(waits).toEqual([450, 900, 1800, 3600, 7200, 14_400, 28_800, 30_000, 30_000, 450])
  })

  test('that has only just announced itself gets 1,500 ms: it may be busy with its start', async () => {
    const [a, b] = [candidate(), candidate()]
    await a.ownership.ask()
    a.context.freeze()
    const before = platform.monotonic()
    expect(await inTime(b.ownership.ask())).toBe(true)
    expect(platform.monotonic() - before).toBe(1500)
  })

  test('is robbed once by two that find it silent together: the second waits for the first, which is busy with its start', async () => {
    const [a, b, c] = [candidate(), candidate(), candidate()]
    await a.ownership.ask()
    await inTime(Promise.all([b.ownership.ask(), c.ownership.ask()]))
    await platform.pass(STARTED)
    a.context.freeze()
    const asked = [b, c].map(async (host) => ({ host, won: await host.ownership.ask() }))
    const { host: thief } = await inTime(Promise.race(asked))
    thief.context.freeze()
    for (let step = 0; step < 90; step += 1) {
      await turn()
      await platform.pass(10)
    }
    thief.context.thaw()
    expect((await inTime(Promise.all(asked))).filter(({ won }) => won)).toEqual([{ host: thief, won: true }])
    expect(origin.thefts).toBe(1)
  })

  test('is not robbed by a host that stood still itself', async () => {
    let asleep = 0
    const clock = { ...bound(platform), monotonic: () => platform.monotonic() + asleep }
    const [a, b] = [candidate(), candidate(1, clock)]
    await a.ownership.ask()
    a.context.freeze()
    const answer = b.ownership.ask()
    await platform.pass(299)
    // The timer fires late: an answer may lie unread.
    asleep = 10_000
    await platform.pass(1)
    a.context.thaw()
    expect(await inTime(answer)).toBe(false)
    expect(origin.thefts).toBe(0)
  })

  test('that was given the lock while it was frozen, and robbed, never starts when it wakes', async () => {
    const [a, b, c] = [candidate(), candidate(), candidate()]
    await a.ownership.ask()
    await inTime(b.ownership.ask())
    b.context.freeze()
    await platform.pass(1000)
    a.ownership.release()
    expect(origin.holder(ownerName('x'))).toBe(b.context.id)
    expect(await inTime(c.ownership.ask())).toBe(true)
    b.context.thaw()
    await turn()
    await turn()
    expect(b.heard).toEqual([])
    expect(await inTime(b.ownership.ask())).toBe(false)
    c.ownership.release()
    await platform.until(() => b.ownership.owned)
  })

  test('is robbed even where the first thief froze over it', async () => {
    const [a, b] = [candidate(), candidate()]
    await a.ownership.ask()
    a.context.freeze()
    const frozen = origin.context()
    await frozen.locks.hold(`spicetime-steal/x`)
    expect(await inTime(b.ownership.ask())).toBe(true)
    expect(origin.thefts).toBe(1)
  })
})

describe('two builds', () => {
  test('an owner of an older database yields', async () => {
    const [old, young] = [candidate(1), candidate(2)]
    await old.ownership.ask()
    expect(await inTime(young.ownership.ask())).toBe(true)
    expect(old.heard).toEqual(['owned', 'yield'])
    expect(origin.thefts).toBe(0)
    // The older build stays alive beside it, and is no owner.
    expect(await inTime(old.ownership.ask())).toBe(false)
    expect(young.heard).toEqual(['owned'])
  })

  test('every older host in the queue yields in turn', async () => {
    const olds = [candidate(1), candidate(1), candidate(1)]
    for (const { ownership } of olds) await inTime(ownership.ask())
    const young = candidate(2)
    expect(await inTime(young.ownership.ask())).toBe(true)
    expect(owners()).toBe(1)
    expect(origin.thefts).toBe(0)
  })

  test('an owner of a newer database does not yield to an older host', async () => {
    const [young, old] = [candidate(2), candidate(1)]
    await young.ownership.ask()
    expect(await inTime(old.ownership.ask())).toBe(false)
    const page = origin.context().channels(ownerName('x'))
    page.postMessage({ spicetime: 'yield', id: '1', database: 2 })
    await turn()
    expect(young.heard).toEqual(['owned'])
  })

  test('one that answers but never lets go is robbed in the end', async () => {
    const context = origin.context()
    const stubborn = new Ownership(
      { name: 'x', database: 1, generation: 'stubborn', locks: context.locks, channels: context.channels, platform },
      { onOwned: () => 0, onLost: () => 0, onYield: () => 0, onConnect: () => 0, onDrain: () => 0, onFailure: () => 0 },
    )
    await stubborn.ask()
    const young = candidate(2)
    expect(await inTime(young.ownership.ask())).toBe(true)
    await turn()
    expect(stubborn.owned).toBe(false)
    expect(platform.monotonic()).toBeGreaterThanOrEqual(8000)
  })
})
