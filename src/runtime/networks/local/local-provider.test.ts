import { describe, expect, it } from 'vitest'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventId } from '../../model/event.js'
import type { StatePath } from '../../model/path.js'
import type { State } from '../../model/state.js'
import { openMemoryStore } from '../../storage/memory/memory-store.js'
import { prefixRange } from '../../storage/store.js'
import type { Store } from '../../storage/store.js'
import { EventFactory } from '../../testing/event-factory.js'
import { ManualPlatform } from '../../testing/manual-platform.js'
import { runProviderConformance } from '../../testing/provider-conformance.js'
import type { ProviderEvent } from '../provider.js'
import type { LocalLog, LoggedEvent } from './local-log.js'
import { createLocalProvider } from './local-provider.js'

/** A log over a store: what the runtime does with its own, without the runtime. */
class StoredLog implements LocalLog {
  calls = 0
  readonly #store: Store
  #appending: Promise<unknown> = Promise.resolve()
  #last = 0

  constructor(store: Store) {
    this.#store = store
  }

  async positionOf(id: EventId): Promise<number | undefined> {
    this.calls++
    const row = await this.#store.get(`i/${id}`)
    return row === undefined ? undefined : Number(new TextDecoder().decode(row))
  }

  async append(event: ProviderEvent): Promise<number> {
    const appended = this.#appending.then(async () => {
      const known = await this.positionOf(event.id)
      if (known !== undefined) return known
      const position = ++this.#last
      const key = String(position).padStart(10, '0')
      await this.#store.write([
        [`e/${key}`, event.bytes],
        [`n/${key}`, new TextEncoder().encode(event.id)],
        [`i/${event.id}`, new TextEncoder().encode(String(position))],
      ])
      return position
    })
    this.#appending = appended
    return await appended
  }

  async *since(position: number): AsyncIterable<readonly LoggedEvent[]> {
    this.calls++
    for await (const page of this.#store.range(prefixRange('n/'))) {
      const events = page.map(([key, id]) => ({ position: Number(key.slice(2)), id: new TextDecoder().decode(id) as EventId }))
      const later = events.filter((event) => event.position > position)
      const bytes = await this.#store.getMany(later.map((event) => `e/${String(event.position).padStart(10, '0')}`))
      for (let index = 0; index < later.length; index += 3) {
        yield later.slice(index, index + 3).map((event, offset) => ({ ...event, bytes: bytes[index + offset] ?? new Uint8Array() }))
      }
    }
  }

  stateOf(path: StatePath): Promise<State> {
    return Promise.resolve({ path, value: undefined, heads: [], level: 'local', pending: [], networks: {}, updatedAt: 0 })
  }
}

runProviderConformance('local', async () => {
  const { store } = await openMemoryStore()
  const log = new StoredLog(store)
  return {
    provider: createLocalProvider(log),
    platform: new ManualPlatform(),
    highestLevel: 'local',
    settle: (work) => work,
    contacts: () => log.calls,
    dispose: () => store.close(),
  }
})

describe('local provider', () => {
  async function failing(error: unknown) {
    const { store } = await openMemoryStore()
    const log = new StoredLog(store)
    log.append = () => Promise.reject(error)
    const provider = createLocalProvider(log)
    await provider.start({ platform: new ManualPlatform() })
    return { provider, event: await (await EventFactory.create()).event() }
  }

  it('names the position in the log as its reference', async () => {
    const { store } = await openMemoryStore()
    const provider = createLocalProvider(new StoredLog(store))
    await provider.start({ platform: new ManualPlatform() })
    const [one, two] = await (await EventFactory.create()).events(2)
    if (one === undefined || two === undefined) expect.fail('the factory made no events')
    expect(await provider.submitEvent(one)).toMatchObject({ level: 'local', reference: '1', cost: 0 })
    expect(await provider.submitEvent(two)).toMatchObject({ level: 'local', reference: '2' })
  })

  it('tells a full disk, which passes, from a refusal, which does not', async () => {
    const full = await failing(new SpiceTimeError('STORAGE_FULL', 'The disk is full.'))
    await expect(full.provider.submitEvent(full.event)).rejects.toMatchObject({
      code: 'NETWORK_UNAVAILABLE',
      cause: { code: 'STORAGE_FULL' },
    })
    const forged = await failing(new SpiceTimeError('SIGNATURE_INVALID', 'Nobody signed this.'))
    await expect(forged.provider.submitEvent(forged.event)).rejects.toMatchObject({
      code: 'NETWORK_REFUSED',
      cause: { code: 'SIGNATURE_INVALID' },
    })
    const broken = await failing(new Error('Boom'))
    await expect(broken.provider.submitEvent(broken.event)).rejects.toMatchObject({ code: 'NETWORK_UNAVAILABLE' })
  })

  it('refuses a cursor that is not its own', async () => {
    const { provider } = await failing(undefined)
    const pull = async () => {
      for await (const update of provider.syncUpdates('abc' as never)) expect.fail(update.cursor)
    }
    await expect(pull()).rejects.toMatchObject({ code: 'INPUT_MALFORMED' })
  })
})
