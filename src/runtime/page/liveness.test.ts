import { expect, test } from 'vitest'
import { ManualPlatform, turn } from '../testing/manual-platform.js'
import type { Link } from './link.js'
import { Liveness } from './liveness.js'
import type { Death } from './liveness.js'
import { Patience } from './patience.js'

/** A host whose answers, lock and messages are the test's, and what the page found out. */
class Watched {
  readonly platform = new ManualPlatform()
  readonly deaths: Death[] = []
  /** When the host was asked. */
  readonly pings: number[] = []
  answers = true
  waits = true
  watches = false
  free = (): void => undefined
  moved = (): void => undefined
  readonly liveness: Liveness

  constructor() {
    const link: Pick<Link, 'generation' | 'ping' | 'onMoved'> = {
      generation: 'g',
      ping: () => {
        this.pings.push(this.platform.monotonic() - this.#start)
        return this.answers ? Promise.resolve() : new Promise(() => undefined)
      },
      onMoved: (listener) => (this.moved = listener),
    }
    this.liveness = new Liveness({
      link: link as Link,
      locks: { hold: () => expect.fail('pages hold no life'), whenFree: () => new Promise((resolve) => (this.free = resolve)) },
      platform: this.platform,
      patience: new Patience(this.platform),
      waits: () => this.waits,
      watches: () => this.watches,
      onDeath: (how) => this.deaths.push(how),
    })
  }

  readonly #start = this.platform.monotonic()

  async advance(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      this.platform.advance(50)
      await turn()
    }
  }
}

test('a host under load that falls silent is given up within 1.2 s, whenever it was last heard', async () => {
  const watched = new Watched()
  for (let passed = 0; passed < 5000; passed += 50) {
    watched.liveness.sent()
    await watched.advance(50)
  }
  watched.answers = false
  const gaps = watched.pings.slice(1).map((at, index) => at - (watched.pings[index] ?? 0))
  expect(Math.max(...gaps)).toBeLessThanOrEqual(400)
  await watched.advance(1200)
  expect(watched.deaths).toEqual(['silent'])
})

test('what waits for long is asked for ever less often, and a new call soon', async () => {
  const watched = new Watched()
  watched.liveness.sent()
  await watched.advance(60_000)
  expect(watched.pings.length).toBeLessThan(20)
  watched.answers = false
  watched.liveness.sent()
  await watched.advance(1200)
  expect(watched.deaths).toEqual(['silent'])
})

test('a call that comes while the host is asked is asked for soon after', async () => {
  const watched = new Watched()
  watched.liveness.sent()
  await watched.advance(300)
  watched.liveness.sent()
  await watched.advance(350)
  expect(watched.pings).toHaveLength(2)
})

test('a host that nothing waits for is not asked, but for a suspicion', async () => {
  const watched = new Watched()
  watched.waits = false
  watched.liveness.sent()
  await watched.advance(10_000)
  expect(watched.pings).toHaveLength(0)
  watched.answers = false
  watched.liveness.suspect()
  await watched.advance(850)
  expect(watched.deaths).toEqual(['silent'])
})

test('a host that is only watched is asked each second, and given up within 2 s of its silence', async () => {
  const watched = new Watched()
  watched.waits = false
  watched.watches = true
  watched.liveness.sent()
  await watched.advance(60_000)
  expect(watched.pings.length).toBeGreaterThan(50)
  expect(watched.pings.length).toBeLessThanOrEqual(60)
  watched.answers = false
  await watched.advance(2000)
  expect(watched.deaths).toEqual(['silent'])
})

test('a call to a host that is watched is asked for as soon as any other', async () => {
  const watched = new Watched()
  watched.waits = false
  watched.watches = true
  watched.liveness.sent()
  await watched.advance(600)
  watched.answers = false
  watched.waits = true
  watched.liveness.sent()
  await watched.advance(350)
  expect(watched.pings).toHaveLength(1)
  watched.watches = false
  watched.waits = false
  await watched.advance(10_000)
  expect(watched.pings).toHaveLength(1)
})

test('a death is told once, and never after the end', async () => {
  const watched = new Watched()
  watched.free()
  await turn()
  watched.moved()
  expect(watched.deaths).toEqual(['dead'])
  const ended = new Watched()
  ended.answers = false
  ended.liveness.suspect()
  ended.liveness.end()
  ended.moved()
  await ended.advance(2000)
  expect(ended.deaths).toEqual([])
})
