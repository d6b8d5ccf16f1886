import { afterEach, describe, expect, it } from 'vitest'
import { Diagnostics } from '../diagnostics/diagnostics.js'
import type { Diagnostic } from '../diagnostics/diagnostics.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Brought, EventIntake } from '../events/event-applier.js'
import type { Network } from '../model/network.js'
import { MemoryDisk } from '../storage/memory/memory-disk.js'
import { openMemoryStore } from '../storage/memory/memory-store.js'
import type { Store } from '../storage/store.js'
import { EventFactory } from '../testing/event-factory.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { SimulatedNetwork } from '../testing/simulated-network.js'
import { SyncManager } from './sync-manager.js'

/** Keeps what it is given and, as the real one, the cursor with it. */
class KeepingIntake implements EventIntake {
  readonly brought: (Brought & { readonly network: Network })[] = []
  failing: SpiceTimeError | undefined
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async receive(network: Network, brought: Brought): Promise<void> {
    if (this.failing !== undefined) throw this.failing
    await this.#store.write(brought.cursor === undefined ? [] : [[`+/c/${network}`, new TextEncoder().encode(brought.cursor)]])
    this.brought.push({ ...brought, network })
  }

  get events(): number {
    return this.brought.reduce((sum, one) => sum + one.events.length, 0)
  }
}

const managers: SyncManager[] = []
afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.stop()
})

async function world() {
  const platform = new ManualPlatform({ seed: 3 })
  const network = new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'], batch: 4 })
  const [mine, other] = [network.join('me'), network.join('other')]
  await mine.start({ platform })
  await other.start({ platform })
  const disk = new MemoryDisk()
  const factory = await EventFactory.create()
  const seen: Diagnostic[] = []
  const device = async () => {
    const { store } = await openMemoryStore({ disk })
    const diagnostics = new Diagnostics(() => platform.now())
    diagnostics.subscribe(({ diagnostic }) => seen.push(diagnostic))
    const intake = new KeepingIntake(store)
    const sync = new SyncManager({ store, platform, diagnostics, providers: [mine], intake })
    managers.push(sync)
    return { store, intake, sync }
  }
  const send = async (count: number): Promise<void> => {
    const events = await factory.events(count)
    let sent = 0
    for (const event of events) void other.submitEvent(event).then(() => sent++)
    await platform.until(() => sent === count)
    await platform.pass(1_000)
  }
  return { platform, network, mine, device, send, seen }
}

describe('pulling', () => {
  it('brings what others sent, by and by, and each thing once', async () => {
    const { platform, device, send } = await world()
    const { intake, sync } = await device()
    await send(10)
    sync.start()
    await platform.until(() => intake.events === 10)
    await send(3)
    await platform.until(() => intake.events === 13)
    await platform.pass(600_000)
    expect(intake.events).toBe(13)
    expect(intake.brought.every(({ network, cursor }) => network === 'holochain' && cursor !== undefined)).toBe(true)
  })

  it('goes on after a restart where it was', async () => {
    const { platform, device, send } = await world()
    const first = await device()
    await send(10)
    first.sync.start()
    await platform.until(() => first.intake.events === 10)
    await first.sync.stop()
    await send(2)
    const second = await device()
    second.sync.start()
    await platform.until(() => second.intake.events > 0)
    await platform.pass(600_000)
    expect(second.intake.events).toBe(2)
  })

  it('on demand brings everything before it resolves', async () => {
    const { platform, device, send } = await world()
    const { intake, sync } = await device()
    await send(10)
    let done = false
    void sync.syncNetworks().then(() => (done = true))
    await platform.until(() => done)
    expect(intake.events).toBe(10)
    expect(sync.reports()).toMatchObject([{ network: 'holochain', events: 10, failures: 0 }])
  })

  it('P5: has taken back what a network lost before the network is asked on, and so before that thinks that it was told', async () => {
    const { platform, network, mine, device, send } = await world()
    const { intake, sync } = await device()
    network.exchange()
    await send(4)
    let asked = 0
    const pull = mine.syncUpdates.bind(mine)
    mine.syncUpdates = async function* (...call) {
      for await (const update of pull(...call)) {
        yield update
        asked++
      }
    }
    const receive = intake.receive.bind(intake)
    let takenBack: (() => void) | undefined
    intake.receive = async (...brought) => {
      if (brought[1].reset === true) await new Promise<void>((resolve) => (takenBack = resolve))
      await receive(...brought)
    }
    let done = false
    void sync.syncNetworks().then(() => (done = true))
    await platform.until(() => takenBack !== undefined)
    await platform.pass(60_000)
    expect(asked).toBe(0)
    takenBack?.()
    await platform.until(() => done)
    expect(asked).toBeGreaterThan(0)
  })

  it('begins again before what found no room, until all has', async () => {
    const { platform, device, send } = await world()
    const { intake, sync } = await device()
    await send(20)
    const receive = intake.receive.bind(intake)
    let full = true
    intake.receive = async (network, { onNoRoom, ...brought }) => {
      const hasRoom = !full || intake.brought.length === 0
      const { cursor: _cursor, ...rest } = brought
      await receive(network, hasRoom ? brought : rest)
      if (!hasRoom) onNoRoom?.()
    }
    let done = 0
    void sync.syncNetworks().then(() => done++)
    await platform.until(() => done === 1)
    const [first, ...others] = intake.brought
    expect([first?.cursor !== undefined, others.some(({ cursor }) => cursor !== undefined)]).toEqual([true, false])
    expect(sync.reports()).toMatchObject([{ events: 20, failures: 0, behind: true }])
    full = false
    void sync.syncNetworks().then(() => done++)
    await platform.until(() => done === 2)
    expect(sync.reports()).toMatchObject([{ events: 20 - (first?.events.length ?? 0), behind: false }])
  })

  it('goes on beside what found no room, where the network can be asked for that alone', async () => {
    const { platform, device, send, mine } = await world()
    const { store, intake, sync } = await device()
    await send(12)
    const pull = mine.syncUpdates.bind(mine)
    mine.syncUpdates = async function* (...asked) {
      for await (const update of pull(...asked)) yield { ...update, cursorWithout: () => update.cursor }
    }
    const receive = intake.receive.bind(intake)
    intake.receive = async (network, brought) => {
      await receive(network, brought)
      if (intake.brought.length === 1) brought.onNoRoom?.()
    }
    let done = false
    void sync.syncNetworks().then(() => (done = true))
    await platform.until(() => done)
    expect(intake.brought.length).toBeGreaterThan(1)
    expect(sync.reports()).toMatchObject([{ events: 12, behind: true }])
    expect(new TextDecoder().decode(await store.get('+/c/holochain'))).toBe(intake.brought.at(-1)?.cursor)
  })

  it('fetches one update while another is taken in, and none beyond, and takes in nothing after one that failed', async () => {
    const { platform, device, send } = await world()
    const { store, intake, sync } = await device()
    await send(20)
    const held: (() => void)[] = []
    const receive = intake.receive.bind(intake)
    let calls = 0
    intake.receive = async (...update) => {
      calls++
      await new Promise<void>((resolve) => held.push(resolve))
      await receive(...update)
    }
    let failure: unknown
    void sync.syncNetworks().catch((error: unknown) => (failure = error))
    await platform.until(() => held.length === 1)
    await platform.pass(60_000)
    expect(calls).toBe(1)
    held.shift()?.()
    await platform.until(() => held.length === 1)
    expect(intake.brought.length).toBe(1)
    const cursor = await store.get('+/c/holochain')
    intake.failing = new SpiceTimeError('STORAGE_FULL', 'The disk is full.')
    held.shift()?.()
    await platform.until(() => failure !== undefined)
    expect(calls).toBe(2)
    expect(await store.get('+/c/holochain')).toEqual(cursor)
    expect(sync.reports()).toMatchObject([{ failures: 1, error: { code: 'STORAGE_FULL' } }])
    intake.failing = undefined
    intake.receive = receive
    void sync.syncNetworks()
    await platform.until(() => intake.events === 20)
    // What had been fetched ahead was let go, and came again.
    expect(new Set(intake.brought.map((one) => one.cursor)).size).toBe(intake.brought.length)
  })

  it('pauses longer while nothing comes', async () => {
    const { platform, network, device } = await world()
    const { sync } = await device()
    sync.start()
    await platform.pass(600_000)
    const before = network.contacts('me')
    await platform.pass(600_000)
    expect(network.contacts('me') - before).toBeLessThanOrEqual(11)
    expect(network.contacts('me') - before).toBeGreaterThanOrEqual(9)
  })

  it('waits for a network that is away, and pulls once it is back', async () => {
    const { platform, network, device, send } = await world()
    const { intake, sync } = await device()
    network.disconnect('me')
    await send(3)
    sync.start()
    // Whoever asks meanwhile has nothing brought, and spoils nothing.
    await sync.syncNetworks()
    await platform.pass(600_000)
    expect(network.contacts('me')).toBe(0)
    network.reconnect('me')
    await platform.until(() => intake.events === 3)
    expect(intake.events).toBe(3)
  })
})

describe('news from the network', () => {
  it('brings a pull at once, however much of it comes', async () => {
    const { platform, network, device, send } = await world()
    const { intake, sync } = await device()
    sync.start()
    await platform.pass(600_000)
    await send(3)
    const before = network.contacts('me')
    for (let news = 0; news < 100; news++) network.announce('me')
    await platform.pass(1_000)
    expect(intake.events).toBe(3)
    // Two pages, and the look that finds no more.
    expect(network.contacts('me') - before).toBe(3)
  })

  it('that comes while a pull is under way is gone after by the next', async () => {
    const { platform, network, device, send } = await world()
    const { intake, sync } = await device()
    sync.start()
    await platform.pass(600_000)
    network.setFaults({ latency: [5_000, 5_000] })
    network.announce('me')
    await platform.pass(1_000)
    const sending = send(3)
    for (let news = 0; news < 10; news++) network.announce('me')
    await sending
    await platform.until(() => intake.events === 3)
    expect(intake.events).toBe(3)
  })

  it('is of no interest to who has stopped', async () => {
    const { platform, network, device } = await world()
    const { sync } = await device()
    sync.start()
    await platform.pass(1_000)
    network.announce('me')
    await sync.stop()
    const before = network.contacts('me')
    network.announce('me')
    await platform.pass(600_000)
    expect(network.contacts('me')).toBe(before)
  })
})

describe('a pull that fails', () => {
  it('is told to diagnostics and to who asked, is tried again, and loses nothing', async () => {
    const { platform, device, send, seen } = await world()
    const { intake, sync } = await device()
    await send(5)
    intake.failing = new SpiceTimeError('STORAGE_FULL', 'The disk is full.')
    let failure: unknown
    sync.start()
    sync.syncNetworks().catch((error: unknown) => (failure = error))
    await platform.until(() => failure !== undefined)
    expect(failure).toMatchObject({ code: 'NETWORK_UNAVAILABLE', context: { networks: ['holochain'] }, cause: { code: 'STORAGE_FULL' } })
    expect(seen).toContainEqual({
      kind: 'background-failed',
      task: 'pulling from holochain',
      code: 'STORAGE_FULL',
      reason: 'The disk is full.',
    })
    expect(sync.reports()[0]?.failures).toBeGreaterThan(0)
    intake.failing = undefined
    await platform.until(() => sync.reports()[0]?.failures === 0)
    expect(intake.events).toBe(5)
  })

  it('that was called off by its caller goes on for others', async () => {
    const { platform, device, send } = await world()
    const { intake, sync } = await device()
    await send(5)
    const controller = new AbortController()
    const asked = sync.syncNetworks({ signal: controller.signal })
    controller.abort()
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED' })
    await platform.until(() => intake.events === 5)
    await expect(sync.syncNetworks({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('because of a stop is no failure', async () => {
    const { platform, device, send, seen } = await world()
    const { sync } = await device()
    await send(5)
    sync.start()
    await platform.pass(1)
    await sync.stop()
    expect(seen).toEqual([])
    expect(sync.reports()[0]?.failures).toBe(0)
  })
})
