import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { AppWebsocket, setSigningCredentials } from '@holochain/client'
import type { CellId } from '@holochain/client'
import { expect, vi } from 'vitest'
import { authorOf, generateAuthorPair } from '../../../runtime/crypto/signing.js'
import type { Author } from '../../../runtime/crypto/signing.js'
import { makeBatch } from '../../../runtime/networks/holochain/batch.js'
import type { Batch, BatchPlace } from '../../../runtime/networks/holochain/batch.js'
import { makePiece } from '../../../runtime/networks/holochain/snapshot-piece.js'
import type { SnapshotPiece } from '../../../runtime/networks/holochain/snapshot-piece.js'
import { NETWORK_VERSION, parseSignal, ROLE_NAME, ZOME_NAME, zomeCalls } from '../../../runtime/networks/holochain/zome-calls.js'
import type { CallZome, Mark, PulledBatch, ZomeCalls, ZomeSignal } from '../../../runtime/networks/holochain/zome-calls.js'
import { DEVNET_ORIGIN, startConductor } from '../conductor.js'
import type { Conductor } from '../conductor.js'

const APP = resolve('holochain/spicetime.happ')
/** The same DNA behind a client that breaks its rules. */
export const HOSTILE_APP = resolve('holochain/hostile.happ')
/** Milliseconds until conductors that have just started have found each other. */
const MEMBERS_PATIENCE = 240_000
/** Machines that run the tests are often busy; a bound for what never comes, not a budget. */
const PATIENCE = { timeout: 90_000, interval: 200 }

/** One space's network, as its invite would name it. */
export interface TestSpace {
  readonly reference: Uint8Array
  readonly seed: string
}

export interface DeviceWishes {
  readonly bootstrapUrl: string
  readonly space: TestSpace
  /** Path of the packed app; default: the runtime's. */
  readonly app?: string
  /** Publishes what its own validation would refuse. */
  readonly unchecked?: boolean
}

/** A real conductor, and one space's cell in it, as a runtime would use them. */
export class Device {
  readonly author: Author
  readonly signals: ZomeSignal[] = []
  readonly #directory = mkdtempSync(join(tmpdir(), 'spicetime-conductor-'))
  readonly #wishes: Required<DeviceWishes>
  #running: { readonly conductor: Conductor; readonly app: AppWebsocket; readonly cell: CellId } | undefined

  private constructor(author: Author, wishes: DeviceWishes) {
    this.author = author
    this.#wishes = { app: APP, unchecked: false, ...wishes }
  }

  /** A runtime's own, a member of the space. */
  static async start(bootstrapUrl: string, space: TestSpace): Promise<Device> {
    const device = await Device.startHostile({ bootstrapUrl, space, app: APP })
    // The first call runs the cell's `init`, which makes it a member.
    expect(await device.calls.version()).toBe(NETWORK_VERSION)
    return device
  }

  /** With whatever zome the app has. */
  static async startHostile(wishes: DeviceWishes): Promise<Device> {
    const device = new Device(await authorOf(await generateAuthorPair()), wishes)
    await device.restart()
    return device
  }

  get #now() {
    return this.#running ?? expect.fail('the device is stopped')
  }

  /** The agent in the space's cell, 39 bytes. */
  get agent(): Uint8Array {
    return new Uint8Array(this.#now.cell[1])
  }

  readonly callZome: CallZome = (name, payload) =>
    this.#now.app.callZome({ cell_id: this.#now.cell, zome_name: ZOME_NAME, fn_name: name, payload }, PATIENCE.timeout)

  readonly calls: ZomeCalls = zomeCalls(this.callZome)

  /** Starts the conductor anew on what it had. */
  async restart(): Promise<void> {
    const { bootstrapUrl, app: path, unchecked } = this.#wishes
    const conductor = await startConductor({ directory: this.#directory, bootstrapUrl, unchecked }, path)
    const token = await conductor.issueToken()
    const app = await AppWebsocket.connect({
      url: new URL(conductor.appUrl),
      wsClientOptions: { origin: DEVNET_ORIGIN },
      token: Array.from(token),
      defaultTimeout: PATIENCE.timeout,
    })
    const cell = await this.#openCell(app)
    const { capSecret, signingKey, privateKey } = await conductor.authorize(cell)
    const keyPair = { keyType: 'ed25519', publicKey: signingKey.subarray(3, 35), privateKey }
    setSigningCredentials(cell, { capSecret, signingKey, keyPair })
    app.on('signal', (signal) => {
      const parsed = signal.type === 'app' ? parseSignal(signal.value.payload) : undefined
      if (parsed !== undefined) this.signals.push(parsed)
    })
    this.#running = { conductor, app, cell }
  }

  async #openCell(app: AppWebsocket): Promise<CellId> {
    const { seed, reference } = this.#wishes.space
    const info = await app.appInfo()
    for (const known of info.cell_info[ROLE_NAME] ?? []) {
      if (known.type === 'cloned' && known.value.dna_modifiers.network_seed === seed) return known.value.cell_id
    }
    const properties = { space: Buffer.from(reference).toString('hex') }
    const clone = await app.createCloneCell({ role_name: ROLE_NAME, modifiers: { network_seed: seed, properties } })
    return clone.cell_id
  }

  batch(events: readonly { readonly bytes: Uint8Array }[]): Promise<Batch> {
    return makeBatch(
      this.author,
      this.#place(),
      events.map(({ bytes }) => bytes),
    )
  }

  piece(content: Parameters<typeof makePiece>[2]): Promise<SnapshotPiece> {
    return makePiece(this.author, this.#place(), content)
  }

  /** Everything since the marks, over as many answers as it takes. */
  async pull(
    since: readonly Mark[] = [],
    maxBytes = 1 << 20,
  ): Promise<{ readonly batches: readonly PulledBatch[]; readonly since: readonly Mark[] }> {
    const batches: PulledBatch[] = []
    let marks = since
    for (;;) {
      const pulled = await this.calls.pull({ since: marks, maxBytes, network: false })
      batches.push(...pulled.batches)
      marks = pulled.since
      if (!pulled.more) return { batches, since: marks }
    }
  }

  /** Waits until a pull from the marks brings as many events. */
  awaitEvents(count: number, since: readonly Mark[] = []): Promise<Awaited<ReturnType<Device['pull']>>> {
    return vi.waitFor(async () => {
      const pulled = await this.pull(since)
      expect(pulled.batches.reduce((sum, { batch }) => sum + batch.events.length, 0)).toBe(count)
      return pulled
    }, PATIENCE)
  }

  async awaitMembers(count: number): Promise<void> {
    await vi.waitFor(async () => expect(await this.calls.members()).toHaveLength(count), { ...PATIENCE, timeout: MEMBERS_PATIENCE })
  }

  async stop(how: 'stop' | 'kill' = 'stop'): Promise<void> {
    const running = this.#running
    this.#running = undefined
    if (running === undefined) return
    await running.conductor[how]()
  }

  async dispose(): Promise<void> {
    await this.stop()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #place(): BatchPlace {
    return { space: this.#wishes.space.reference, agent: this.agent }
  }
}

/** @param timeout milliseconds */
export function waitFor<T>(check: () => T | Promise<T>, timeout = PATIENCE.timeout): Promise<T> {
  return vi.waitFor(check, { ...PATIENCE, timeout })
}
