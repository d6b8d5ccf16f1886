import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isSpiceTimeError } from '../errors/spice-time-error.js'
import type { SpiceTimeError } from '../errors/spice-time-error.js'
import { START_CURSOR } from '../model/cursor.js'
import type { Cursor } from '../model/cursor.js'
import type { EventId } from '../model/event.js'
import { isRequirement, levelRank } from '../model/network.js'
import type { Level } from '../model/network.js'
import { parsePath } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'
import type { NetworkProvider, NetworkStatus, Update } from '../networks/provider.js'
import type { Platform } from '../platform/platform.js'
import { EventFactory } from './event-factory.js'
import type { FactoryEvent } from './event-factory.js'

/** One device on one network, for one test, and what the suite has to know of it. */
export interface ProviderHarness {
  /** Not started; the suite starts and stops it. */
  readonly provider: NetworkProvider
  readonly platform: Platform
  /** What the app would have said of the network. */
  readonly settings?: unknown
  /** The highest level that the network ever gives, by its README. */
  readonly highestLevel: Level
  /** Lets time pass, on a manual platform or a real one, until the work is done. */
  settle<T>(work: Promise<T>): Promise<T>
  /** How often the network was contacted so far. */
  contacts(): number
  dispose(): Promise<void>
}

/** Pulls that the suite makes before it gives an event up as lost. */
const MOST_PULLS = 50
const EVENTS = 7

/** Everything that `NetworkProvider` promises, as named behaviours; every provider runs it, in memory and against the real peer. */
export function runProviderConformance(name: string, setup: () => Promise<ProviderHarness>): void {
  describe(`provider conformance: ${name}`, () => {
    const bench = new Bench(setup)
    beforeEach(() => bench.begin())
    afterEach(() => bench.end())
    describeLife(bench)
    describeSubmit(bench)
    describeSync(bench)
    describeQuote(bench)
    describeState(bench)
  })
}

interface Pulled {
  readonly updates: readonly Update[]
  readonly cursor: Cursor
}

class Bench {
  readonly #setup: () => Promise<ProviderHarness>
  readonly #sent = new Map<string, EventId>()
  #open: { readonly harness: ProviderHarness; readonly factory: EventFactory } | undefined

  constructor(setup: () => Promise<ProviderHarness>) {
    this.#setup = setup
  }

  async begin(): Promise<void> {
    this.#open = { harness: await this.#setup(), factory: await EventFactory.create() }
  }

  async end(): Promise<void> {
    await this.settle(this.provider.stop())
    await this.harness.dispose()
    this.#open = undefined
  }

  get harness(): ProviderHarness {
    if (this.#open === undefined) throw new Error('no harness: setup failed')
    return this.#open.harness
  }

  get provider(): NetworkProvider {
    return this.harness.provider
  }

  settle<T>(work: Promise<T>): Promise<T> {
    return this.harness.settle(work)
  }

  start(): Promise<void> {
    const { platform, settings } = this.harness
    return this.settle(this.provider.start({ platform, ...(settings === undefined ? {} : { settings }) }))
  }

  async event(): Promise<FactoryEvent> {
    return (await this.events(1))[0] ?? expect.fail('the factory made no event')
  }

  events(count: number): Promise<readonly FactoryEvent[]> {
    const { requirements } = this.provider.capabilities
    return this.#open?.factory.events(count, { needs: requirements }) ?? Promise.reject(new Error('no factory: setup failed'))
  }

  submit(event: FactoryEvent): Promise<Receipt> {
    return this.settle(this.provider.submitEvent(event))
  }

  async submitAll(events: readonly FactoryEvent[]): Promise<Receipt[]> {
    return await this.settle(Promise.all(events.map((event) => this.provider.submitEvent(event))))
  }

  async pull(since: Cursor): Promise<Pulled> {
    return await this.settle(collect(this.provider, since))
  }

  /** Pulls from a cursor on until these events came; networks may take their time. */
  async pullUntil(since: Cursor, ids: readonly EventId[]): Promise<Pulled> {
    const updates: Update[] = []
    let cursor = since
    for (let pulls = 0; pulls < MOST_PULLS; pulls++) {
      const pulled = await this.pull(cursor)
      updates.push(...pulled.updates)
      cursor = pulled.cursor
      const brought = broughtBy(updates, this.sent)
      if (!ids.every((id) => brought.includes(id))) continue
      expect(brought).toEqual(expect.arrayContaining([...ids]))
      return { updates, cursor }
    }
    return expect.fail(`after ${MOST_PULLS} pulls some of ${ids.join(', ')} are missing`)
  }

  /** Remembers events by their bytes, to recognise them when they come back. */
  expectBack(events: readonly FactoryEvent[]): void {
    for (const event of events) this.#sent.set(event.bytes.join(), event.id)
  }

  get sent(): ReadonlyMap<string, EventId> {
    return this.#sent
  }
}

function describeLife(bench: Bench): void {
  it('says what it can do', () => {
    const { capabilities } = bench.provider
    expect(capabilities.requirements.length).toBeGreaterThan(0)
    expect(capabilities.requirements.every(isRequirement)).toBe(true)
    expect(capabilities.maxEventBytes).toBeGreaterThan(0)
    expect(capabilities.batch).toBeGreaterThanOrEqual(1)
  })

  it('is not connected before it is started, says why, and takes nothing', async () => {
    expect(bench.provider.status().state).toBe('not-connected')
    expect(bench.provider.status().reason).toMatch(/\.$/)
    expect((await failureOf(bench.submit(await bench.event()))).code).toBe('NETWORK_NOT_CONNECTED')
    expect((await failureOf(bench.pull(START_CURSOR))).code).toBe('NETWORK_NOT_CONNECTED')
  })

  it('is connected once started, and says since when', async () => {
    await bench.start()
    const { state, since, reason } = bench.provider.status()
    expect(state).toBe('connected')
    expect(reason).toBeUndefined()
    expect(since).toBeLessThanOrEqual(bench.harness.platform.now())
  })

  it('can be started and stopped twice, and takes nothing once stopped', async () => {
    await bench.start()
    await bench.start()
    await bench.settle(bench.provider.stop())
    await bench.settle(bench.provider.stop())
    expect(bench.provider.status().state).toBe('not-connected')
    expect((await failureOf(bench.submit(await bench.event()))).code).toBe('NETWORK_NOT_CONNECTED')
  })

  it('knows after a stop and a start what it knew', async () => {
    await bench.start()
    const event = await bench.event()
    bench.expectBack([event])
    const before = await bench.submit(event)
    await bench.settle(bench.provider.stop())
    await bench.start()
    expect((await bench.submit(event)).reference).toBe(before.reference)
    await bench.pullUntil(START_CURSOR, [event.id])
  })

  it('tells listeners of each change until they are undone', async () => {
    const seen: NetworkStatus[] = []
    const undo = bench.provider.onStatus((status) => seen.push(status))
    await bench.start()
    expect(seen.at(-1)?.state).toBe('connected')
    expect(seen.at(-1)).toEqual(bench.provider.status())
    undo()
    const count = seen.length
    await bench.settle(bench.provider.stop())
    expect(seen).toHaveLength(count)
  })
}

function describeSubmit(bench: Bench): void {
  it('answers with a receipt for that event, of a level that the network gives', async () => {
    await bench.start()
    const event = await bench.event()
    const receipt = await bench.submit(event)
    expect(receipt).toMatchObject({ event: event.id, network: bench.provider.network })
    expectSound(receipt, bench)
  })

  it('is idempotent by EventId, one after the other and at once', async () => {
    await bench.start()
    const [first, ...others] = await bench.events(3)
    const event = first ?? expect.fail('the factory made no event')
    bench.expectBack([event, ...others])
    const receipts = await bench.submitAll([event, event])
    receipts.push(await bench.submit(event))
    expect(new Set(receipts.map((receipt) => receipt.reference)).size).toBe(1)
    await bench.submitAll(others)
    expect((await bench.submit(event)).reference).toBe(receipts[0]?.reference)
    expect(levelRank((await bench.submit(event)).level)).toBeGreaterThanOrEqual(levelRank(receipts[0]?.level ?? 'final'))
  })

  it('refuses for ever what is larger than it takes, and says how large that is', async () => {
    await bench.start()
    const event = await bench.event()
    const { maxEventBytes } = bench.provider.capabilities
    const contacts = bench.harness.contacts()
    const failure = await failureOf(bench.submit({ ...event, bytes: new Uint8Array(maxEventBytes + 1) }))
    expect(failure.code).toBe('NETWORK_REFUSED')
    expect(failure.message).toContain(String(maxEventBytes))
    expect(bench.harness.contacts()).toBe(contacts)
  })

  it('does nothing when it was called off before', async () => {
    await bench.start()
    const event = await bench.event()
    const contacts = bench.harness.contacts()
    const failure = await failureOf(bench.settle(bench.provider.submitEvent(event, { signal: AbortSignal.abort() })))
    expect(failure.code).toBe('ABORTED')
    expect(bench.harness.contacts()).toBe(contacts)
  })
}

function describeSync(bench: Bench): void {
  it('brings every event, byte for byte', async () => {
    await bench.start()
    const events = await bench.events(EVENTS)
    bench.expectBack(events)
    await bench.submitAll(events)
    const { updates } = await bench.pullUntil(
      START_CURSOR,
      events.map((event) => event.id),
    )
    expect(updates.flatMap((update) => update.events).every((bytes) => events.some((event) => equal(event.bytes, bytes)))).toBe(true)
  })

  it('goes on from any cursor it gave, and misses nothing', async () => {
    await bench.start()
    const events = await bench.events(EVENTS)
    const ids = events.map((event) => event.id)
    bench.expectBack(events)
    await bench.submitAll(events)
    const whole = await bench.pullUntil(START_CURSOR, ids)
    for (const [index, update] of whole.updates.entries()) {
      const before = broughtBy(whole.updates.slice(0, index + 1), bench.sent)
      const rest = ids.filter((id) => !before.includes(id))
      await bench.pullUntil(update.cursor, rest)
    }
    const [later] = await bench.events(1)
    const newest = later ?? expect.fail('the factory made no event')
    bench.expectBack([newest])
    await bench.submit(newest)
    await bench.pullUntil(whole.cursor, [newest.id])
  })

  it('tells of no level that the network does not give', async () => {
    await bench.start()
    const events = await bench.events(EVENTS)
    bench.expectBack(events)
    await bench.submitAll(events)
    const { updates } = await bench.pullUntil(
      START_CURSOR,
      events.map((event) => event.id),
    )
    for (const receipt of updates.flatMap((update) => update.receipts)) expectSound(receipt, bench)
  })

  it('ends when it is called off', async () => {
    await bench.start()
    const failure = await failureOf(bench.settle(collect(bench.provider, START_CURSOR, AbortSignal.abort())))
    expect(failure.code).toBe('ABORTED')
  })
}

function describeQuote(bench: Bench): void {
  it('quotes numbers without contacting the network, connected or not', async () => {
    const event = { needs: bench.provider.capabilities.requirements, bytes: 300 }
    const expectQuote = (): void => {
      const contacts = bench.harness.contacts()
      const { cost, latency, success } = bench.provider.quote(event)
      expect(cost).toBeGreaterThanOrEqual(0)
      expect(latency).toBeGreaterThanOrEqual(0)
      expect(success).toBeGreaterThanOrEqual(0)
      expect(success).toBeLessThanOrEqual(1)
      expect([cost, latency, success].every(Number.isFinite)).toBe(true)
      expect(bench.harness.contacts()).toBe(contacts)
    }
    expectQuote()
    await bench.start()
    expectQuote()
  })
}

function describeState(bench: Bench): void {
  it('reads what it knows of a document, and nothing of one that it does not know', async () => {
    await bench.start()
    const event = await bench.event()
    await bench.submit(event)
    const known = await bench.settle(bench.provider.readState(event.path))
    expect(known.path).toBe(event.path)
    expect(levelRank(known.level)).toBeLessThanOrEqual(levelRank(bench.harness.highestLevel))
    expect(Object.keys(known.networks).every((network) => network === bench.provider.network)).toBe(true)
    const nowhere = parsePath('space/things/nowhere')
    const unknown = await bench.settle(bench.provider.readState(nowhere))
    expect(unknown).toMatchObject({ path: nowhere, value: undefined, heads: [], networks: {} })
  })
}

function expectSound(receipt: Receipt, bench: Bench): void {
  const { provider, harness } = bench
  expect(receipt.network).toBe(provider.network)
  expect(levelRank(receipt.level)).toBeLessThanOrEqual(levelRank(harness.highestLevel))
  expect(receipt.reference).not.toBe('')
  expect(receipt.cost).toBeGreaterThanOrEqual(0)
  expect(receipt.latency).toBeGreaterThanOrEqual(0)
  expect(receipt.at).toBeLessThanOrEqual(harness.platform.now())
  expect(receipt.order === undefined || provider.capabilities.ordering === 'total').toBe(true)
}

async function collect(provider: NetworkProvider, since: Cursor, signal?: AbortSignal): Promise<Pulled> {
  const updates: Update[] = []
  for await (const update of provider.syncUpdates(since, signal === undefined ? {} : { signal })) updates.push(update)
  return { updates, cursor: updates.at(-1)?.cursor ?? since }
}

function broughtBy(updates: readonly Update[], sent: ReadonlyMap<string, EventId>): readonly EventId[] {
  return updates.flatMap((update) => update.events).flatMap((bytes) => sent.get(bytes.join()) ?? [])
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

/** The failure of work that must fail, as a SpiceTimeError. */
async function failureOf(work: Promise<unknown>): Promise<SpiceTimeError> {
  const failure = await work.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error,
  )
  return isSpiceTimeError(failure) ? failure : expect.fail(`it failed with ${String(failure)} instead of a SpiceTimeError`)
}
