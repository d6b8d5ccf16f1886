import { Diagnostics } from '../diagnostics/diagnostics.js'
import type { DiagnosticEntry } from '../diagnostics/diagnostics.js'
import { encode } from '../codec/dag-cbor.js'
import type { Event } from '../model/event.js'
import type { Network } from '../model/network.js'
import type { SpaceId } from '../model/path.js'
import type { StateAnswer } from '../model/state-change.js'
import type { Value } from '../model/value.js'
import type { Platform } from '../platform/platform.js'
import { Runtime } from '../runtime.js'
import type { RuntimeParts } from '../runtime.js'
import { MemoryDisk } from '../storage/memory/memory-disk.js'
import { MemoryBlockStore } from '../storage/memory/memory-block-store.js'
import { openMemoryStore } from '../storage/memory/memory-store.js'

/** Events reach replicas through this network's name when a test hands them over itself. */
const CARRIER: Network = 'holochain'

type Providers = NonNullable<RuntimeParts['providers']>

interface ReplicaParts {
  readonly platform: Platform
  readonly disk: MemoryDisk
  readonly diagnostics: Diagnostics
  readonly providers?: Providers
}

/** One device of a test: a runtime on a disk in memory, which can be stopped and started again. */
export class Replica {
  readonly #parts: ReplicaParts
  readonly disk: MemoryDisk
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly seen: DiagnosticEntry[] = []
  runtime: Runtime

  private constructor(parts: ReplicaParts, runtime: Runtime) {
    this.#parts = parts
    this.disk = parts.disk
    this.platform = parts.platform
    this.runtime = runtime
    this.diagnostics = parts.diagnostics
    this.diagnostics.subscribe((entry) => this.seen.push(entry))
  }

  /** `providers`: the device's networks, where it has others than the product's own. */
  static async open(platform: Platform, disk: MemoryDisk = new MemoryDisk(), providers?: Providers): Promise<Replica> {
    const parts = { platform, disk, diagnostics: new Diagnostics(() => platform.now()), ...(providers === undefined ? {} : { providers }) }
    return new Replica(parts, await openRuntime(parts))
  }

  /** A new life on the same disk. */
  async restart(): Promise<void> {
    await this.runtime.close()
    this.runtime = await openRuntime(this.#parts)
  }

  /** The signed events of this device's log, oldest first; only those of a space where one is given. */
  async log(space?: SpaceId): Promise<readonly Event[]> {
    const events: Event[] = []
    for await (const { row } of this.runtime.intake.log.forwards(0)) {
      const event = await this.runtime.intake.log.open(row)
      if (space === undefined || event.spaceId === space) events.push(event)
    }
    return events
  }

  /** Hands signed bytes in, as a network would. */
  async receive(...bytes: readonly Uint8Array[]): Promise<void> {
    await this.runtime.intake.receive(CARRIER, { events: bytes, receipts: [], retracted: [] })
  }

  /** Lets all own events that can be merged be superseded, as if none had been sent. */
  async merge(): Promise<void> {
    const positions: number[] = []
    for await (const { position, row } of this.runtime.intake.log.forwards(0)) if (row.origin === 'own') positions.push(position)
    await this.runtime.intake.supersede(positions)
  }

  async value(path: string): Promise<Value | undefined> {
    const answer = await this.runtime.getState(path)
    if (answer.kind !== 'state') throw new Error(`${path} is above documents`)
    return answer.state.value
  }

  /** All documents below a path as bytes, for comparing devices: paths and canonical values. */
  async fingerprint(path: string): Promise<string> {
    const answer: StateAnswer = await this.runtime.getState(path)
    if (answer.kind === 'state') return hex(encode(answer.state.value ?? null))
    return answer.documents.map((chunk) => hex(withoutTimes(chunk))).join('')
  }
}

/** Devices that share a space; the first one founded it. */
export async function openSpaceOf(
  replicas: readonly Replica[],
  policies: { readonly [collection: string]: 'team' | 'consensus' | 'last-writer' } = {},
): Promise<SpaceId> {
  const [founder, ...others] = replicas
  if (founder === undefined) throw new Error('a space needs a replica')
  const space = await founder.runtime.createSpace({ name: 'Shared', id: 'shared', policies })
  for (const [index, other] of others.entries())
    await other.runtime.joinSpace(await founder.runtime.invite(space.id), { as: `member ${index}` })
  return space.id
}

/** Everything of everyone's, to everyone. */
export async function exchangeAll(replicas: readonly Replica[], space: SpaceId): Promise<void> {
  const all = (await Promise.all(replicas.map((replica) => replica.log(space)))).flat()
  for (const replica of replicas) await replica.receive(...all.map((event) => event.bytes))
}

async function openRuntime({ disk, ...parts }: ReplicaParts): Promise<Runtime> {
  const { store, keys } = await openMemoryStore({ disk })
  const storageFacts = (): Promise<{ mode: 'memory'; usage: undefined; quota: undefined }> =>
    Promise.resolve({ mode: 'memory', usage: undefined, quota: undefined })
  return await Runtime.open({ ...parts, store, keys, openBlocks: async () => new MemoryBlockStore(disk.blocks), storageFacts })
}

/** Levels and times are each device's own; the rest of a packed row is not. */
function withoutTimes(chunk: Uint8Array): Uint8Array {
  const copy = new Uint8Array(chunk)
  const view = new DataView(copy.buffer)
  let at = 0
  while (at < copy.length) {
    const start = at + 2 + view.getUint16(at)
    copy.fill(0, start, start + 9)
    at = start + 13 + view.getUint32(start + 9)
  }
  return copy
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
