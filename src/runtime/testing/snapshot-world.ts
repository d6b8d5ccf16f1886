import { attachSignature, decodeEvent, encodeUnsigned } from '../codec/event-codec.js'
import { loadAuthor } from '../crypto/signing.js'
import type { Space } from '../model/space.js'
import type { MergePolicy } from '../model/state.js'
import type { NetworkProvider } from '../networks/provider.js'
import { MemoryDisk } from '../storage/memory/memory-disk.js'
import { openMemoryStore } from '../storage/memory/memory-store.js'
import { ManualPlatform } from './manual-platform.js'
import { Replica } from './replicas.js'
import { SimulatedNetwork } from './simulated-network.js'

type Beside = (device: string) => readonly NetworkProvider[]

/** Steps of simulated time; what runs beside it, such as WebCrypto, takes real time on a busy machine. */
const PATIENCE = 20_000
/** Where tests write. */
const COLLECTIONS = ['tasks', 'notes', 'later']

/** Devices that share a space over a simulated network which keeps snapshots. */
export class SnapshotWorld {
  readonly platform: ManualPlatform
  readonly network: SimulatedNetwork
  readonly replicas: Replica[] = []
  readonly ada: Replica
  readonly space: Space
  /** Another network of a device, where there is one. */
  readonly beside: Beside

  private constructor(parts: Pick<SnapshotWorld, 'platform' | 'network' | 'ada' | 'space' | 'beside'>) {
    this.platform = parts.platform
    this.network = parts.network
    this.ada = parts.ada
    this.space = parts.space
    this.beside = parts.beside
    this.replicas.push(parts.ada)
  }

  /** @param every events after which a snapshot is published */
  static async create(
    every: number,
    policies: { readonly [collection: string]: MergePolicy } = {},
    beside: Beside = () => [],
  ): Promise<SnapshotWorld> {
    const platform = new ManualPlatform({ seed: 23 })
    const network = new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'], batch: 8, snapshotEvery: every })
    const ada = await Replica.open(platform, undefined, [network.join('ada'), ...beside('ada')])
    const space = await ada.runtime.createSpace({ name: 'Shared', id: 'shared', policies })
    return new SnapshotWorld({ platform, network, ada, space, beside })
  }

  /** A device that joins now. */
  async join(name: string): Promise<Replica> {
    const replica = await Replica.open(this.platform, undefined, [this.network.join(name), ...this.beside(name)])
    this.replicas.push(replica)
    await replica.runtime.joinSpace(await this.ada.runtime.invite(this.space.id), { as: name })
    return replica
  }

  /** Whether a device that is handed the whole past of another comes to the same documents as that, but for its own entry among the members. */
  async isAsReplayed(of: Replica): Promise<boolean> {
    const replica = await Replica.open(this.platform, new MemoryDisk(), [])
    this.replicas.push(replica)
    await replica.runtime.joinSpace(await this.ada.runtime.invite(this.space.id))
    await replica.receive(...(await of.log(this.space.id)).map(({ bytes }) => bytes))
    const prints = [of, replica].map(
      async (one) => await Promise.all(COLLECTIONS.map((name) => one.fingerprint(`${this.space.id}/${name}`))),
    )
    const [kept, folded] = await Promise.all(prints)
    return String(kept) === String(folded)
  }

  /** Another event than the one with that number in the author's chain, as a copied profile would sign it. */
  async rivalOf(author: Replica, seq: number): Promise<Uint8Array> {
    const event = (await author.log(this.space.id)).find((one) => one.author === author.runtime.me && one.seq === seq)
    if (event === undefined) throw new Error('there is no such event')
    const { header, payload } = decodeEvent(new Uint8Array(event.bytes))
    const later = { ...header, time: header.time + 1 }
    const { keys } = await openMemoryStore({ disk: author.disk })
    const unsigned = encodeUnsigned(later, payload)
    return attachSignature(later, payload, { unsigned, signature: await (await loadAuthor(keys)).sign(unsigned) })
  }

  published(): number {
    return this.network.snapshots?.publishedIn(this.space.reference).length ?? 0
  }

  /** Lets time pass, with room for all that it sets off, until the condition holds. */
  async until(condition: () => Promise<boolean> | boolean, step = 500): Promise<void> {
    for (let steps = 0; steps < PATIENCE; steps++) {
      if (await condition()) return
      await this.pass(step)
    }
    throw new Error(`the condition did not come to hold in ${(PATIENCE * step) / 1000} simulated seconds`)
  }

  async pass(milliseconds: number): Promise<void> {
    this.platform.advance(milliseconds)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all(this.replicas.map((replica) => replica.runtime.intake.settled()))
  }

  async alike(...replicas: readonly Replica[]): Promise<boolean> {
    const prints = await Promise.all(replicas.map((replica) => replica.fingerprint(this.space.id)))
    return new Set(prints).size === 1
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.runtime.close()))
  }
}
