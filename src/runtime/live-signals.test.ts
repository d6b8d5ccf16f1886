import { afterEach, describe, expect, test } from 'vitest'
import { createLocalClient } from './local-client.js'
import type { NetworkProvider } from './networks/provider.js'
import { nodePlatform } from './platform/node.js'
import type { RuntimeClient } from './runtime-client.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { exchangeAll, openSpaceOf, Replica } from './testing/replicas.js'
import { SimulatedNetwork } from './testing/simulated-network.js'
import { SimulatedSignals } from './testing/simulated-signals.js'
import { MemoryDisk } from './storage/memory/memory-disk.js'

const PATH = 'shared/tasks/1/notes'
const clients: RuntimeClient[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})

interface World {
  readonly ada: Replica
  readonly ben: Replica
  readonly bus: SimulatedSignals
}

async function world(): Promise<World> {
  const bus = new SimulatedSignals()
  // Its events go nowhere: awareness must need no event.
  const network = new SimulatedNetwork({ platform: new ManualPlatform(), network: 'holochain', requirements: ['team'] })
  const withSignals = (name: string): NetworkProvider => Object.assign(network.join(name), { signals: bus.join(name) })
  const ada = await Replica.open(nodePlatform, new MemoryDisk(), [withSignals('ada')])
  const ben = await Replica.open(nodePlatform, new MemoryDisk(), [withSignals('ben')])
  const space = await openSpaceOf([ada, ben])
  await exchangeAll([ada, ben], space)
  return { ada, ben, bus }
}

function tab({ runtime, diagnostics }: Replica): RuntimeClient {
  const client = createLocalClient({ runtime, diagnostics, generation: 'test', since: 0, ownsRuntime: false })
  clients.push(client)
  return client
}

describe('awareness between devices', () => {
  test('editors see one another, whoever came first, and who has gone; nothing of it is an event', async () => {
    const { ada, ben } = await world()
    const before = (await ada.log()).length
    const one = await tab(ada).doc(PATH)
    one.awareness.setLocalStateField('user', { name: 'Ada' })
    const two = await tab(ben).doc(PATH)
    two.awareness.setLocalStateField('user', { name: 'Ben' })
    await expect.poll(() => two.awareness.getStates().get(one.doc.clientID), { timeout: 10_000 }).toEqual({ user: { name: 'Ada' } })
    await expect.poll(() => one.awareness.getStates().get(two.doc.clientID), { timeout: 10_000 }).toEqual({ user: { name: 'Ben' } })
    const client = two.doc.clientID
    await two.close()
    await expect.poll(() => one.awareness.getStates().has(client), { timeout: 10_000 }).toBe(false)
    expect((await ada.log()).length).toBe(before)
  })

  test('nothing of it is readable on the way, and what was changed or is of nobody is dropped', async () => {
    const { ada, ben, bus } = await world()
    const one = await tab(ada).doc(PATH)
    const two = await tab(ben).doc(PATH)
    one.awareness.setLocalStateField('user', { name: 'Plainly Ada' })
    await expect.poll(() => two.awareness.getStates().get(one.doc.clientID), { timeout: 10_000 }).toEqual({ user: { name: 'Plainly Ada' } })
    const readable = new TextDecoder('latin1').decode(Uint8Array.from(bus.sent.flatMap(({ message }) => [...message])))
    expect(readable).not.toContain('Plainly')
    expect(readable).not.toContain('tasks')
    const [sent] = bus.sent
    if (sent === undefined) throw new Error('nothing was sent')
    const people = two.awareness.getStates().size
    const stranger = bus.join('stranger')
    await stranger.send(
      sent.space,
      sent.message.map((byte, index) => (index === sent.message.length - 1 ? byte ^ 1 : byte)),
    )
    await stranger.send(sent.space, new Uint8Array(100_000))
    for (let count = 0; count < 500; count++) await stranger.send(sent.space, Uint8Array.of(count))
    one.awareness.setLocalStateField('user', { name: 'Ada again' })
    await expect.poll(() => two.awareness.getStates().get(one.doc.clientID), { timeout: 20_000 }).toEqual({ user: { name: 'Ada again' } })
    expect(two.awareness.getStates().size).toBe(people)
  })
})
