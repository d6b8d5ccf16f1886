import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { HolochainDevnetOptions } from '../../../../devnet/holochain/holochain-devnet.js'
import { encode } from '../../../codec/dag-cbor.js'
import { parseValue } from '../../../codec/value.js'
import type { Diagnostic } from '../../../diagnostics/diagnostics.js'
import type { HolochainSettings, NetworkSettings } from '../../../model/network-settings.js'
import type { NetworkReport } from '../../../model/trace.js'
import { connect } from '../../../node.js'
import type { RuntimeClient } from '../../../runtime-client.js'
import { startTestDevnet } from './conductor-harness.js'
import type { TestDevnet } from './conductor-harness.js'

/** Bounds for what never comes: conductors that have just started find each other within seconds, on a busy machine within minutes. */
export const PATIENCE = { timeout: 200_000, interval: 200 }
/** A whole test's. */
export const MINUTES = 60_000

/** Whole runtimes in this process, each with a real conductor of its own. */
export class WholeDevices {
  readonly devnet: TestDevnet
  readonly #folder = mkdtempSync(join(tmpdir(), 'spicetime-devices-'))
  readonly #open = new Map<string, RuntimeClient>()

  /** Networks that every device has beside its conductor. */
  readonly #beside: NetworkSettings

  private constructor(devnet: TestDevnet, beside: NetworkSettings) {
    this.devnet = devnet
    this.#beside = beside
  }

  static async start(options: Omit<HolochainDevnetOptions, 'directory'> = {}, beside: NetworkSettings = {}): Promise<WholeDevices> {
    return new WholeDevices(await startTestDevnet(options), beside)
  }

  /** One other node that holds an event is all that it takes. */
  async open(name: string, settings: Partial<HolochainSettings> = {}): Promise<RuntimeClient> {
    const { endpoint, token } = this.devnet
    const holochain = { endpoint, token, confirmedBy: 1, finalBy: 1, ...settings }
    const opened = await connect({ directory: join(this.#folder, name), networks: { ...this.#beside, holochain } })
    this.#open.set(name, opened)
    return opened
  }

  device(name: string): RuntimeClient {
    return this.#open.get(name) ?? expect.fail(`no device is called ${name}`)
  }

  /** Another device on a copy of the first one's files, as a copied profile makes it: the same author, and the same conductor. */
  async copy(name: string, as: string): Promise<RuntimeClient> {
    await this.device(name).close()
    cpSync(join(this.#folder, name), join(this.#folder, as), { recursive: true })
    await this.open(name)
    return await this.open(as)
  }

  /** In one space, each knowing of the others' nodes. */
  async team(names: readonly string[]): Promise<{ readonly space: string; readonly devices: readonly RuntimeClient[] }> {
    const devices: RuntimeClient[] = []
    for (const name of names) devices.push(await this.open(name))
    const [first] = devices
    if (first === undefined) throw new Error('a team has a member')
    const { id: space } = await first.createSpace({ name: 'House' })
    const invite = await first.invite(space)
    for (const device of devices.slice(1)) await device.joinSpace(invite)
    await Promise.all(devices.map((device) => until(async () => expect((await holochainOf(device)).facts['members']).toBe(names.length))))
    return { space, devices }
  }

  async close(): Promise<void> {
    for (const device of this.#open.values()) await device.close()
    await this.devnet.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export function until<T>(check: () => Promise<T>): Promise<T> {
  return vi.waitFor(check, PATIENCE)
}

export async function holochainOf(device: RuntimeClient): Promise<NetworkReport> {
  const report = (await device.networks()).find(({ network }) => network === 'holochain')
  return report ?? expect.fail('the runtime does not know holochain')
}

/** What the devnet calls the device. */
export async function nameOf(device: RuntimeClient): Promise<string> {
  return String((await holochainOf(device)).facts['call key'])
}

/** What a device's runtime did, as it goes on: the list grows until the device is closed. */
export function diagnosticsOf(device: RuntimeClient): readonly Diagnostic[] {
  const seen: Diagnostic[] = []
  const watch = async (): Promise<void> => {
    for await (const entries of device.watchDiagnostics()) seen.push(...entries.map(({ diagnostic }) => diagnostic))
  }
  // It ends with the device.
  watch().catch(() => undefined)
  return seen
}

/** The subtree's materialised value as canonical bytes. */
export async function bytesOf(device: RuntimeClient, path: string): Promise<string> {
  return Buffer.from(encode(parseValue((await device.getState(path)).value ?? null))).toString('hex')
}
