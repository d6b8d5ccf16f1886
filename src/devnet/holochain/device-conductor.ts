import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { AppWebsocket } from '@holochain/client'
import type { CellId } from '@holochain/client'
import { requireProgram } from '../binaries.js'
import { DEVNET_ORIGIN, startConductor } from './conductor.js'
import type { Conductor } from './conductor.js'
import type { ConductorSettings } from './conductor-config.js'

export interface DeviceConductorSettings extends ConductorSettings {
  /** Path of the packed app; default: the repository's. */
  readonly app?: string
}

export interface Address {
  readonly url: string
  readonly token: Uint8Array
  readonly conductor: string
}

export interface Wanted {
  readonly seed: string
  /** 32 bytes. */
  readonly space: Uint8Array
  /** 39 bytes. */
  readonly signingKey: Uint8Array
}

export interface Opened {
  readonly dna: Uint8Array
  readonly agent: Uint8Array
  readonly secret: Uint8Array
}

interface Running {
  readonly conductor: Conductor
  readonly app: AppWebsocket
}

/** What runtimes in Node call themselves: `networks/holochain/conductor-link.ts`. */
const NODE_ORIGIN = 'spicetime'
/** What `happ.yaml` calls it. */
const ROLE = 'space'
const APP = resolve(import.meta.dirname, '../../../holochain/spicetime.happ')

/** One device's conductor: started by the first question, and anew by the next one after it has ended. */
export class DeviceConductor {
  readonly #settings: DeviceConductorSettings
  #running: Promise<Running> | undefined
  #ending: Promise<unknown> = Promise.resolve()
  #offline = false
  /** Cells are made one after the other: two questions for one seed share it. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(settings: DeviceConductorSettings) {
    this.#settings = settings
  }

  async address(): Promise<Address> {
    const { conductor } = await this.#start()
    return { url: conductor.appUrl, token: await conductor.issueToken(), conductor: await version() }
  }

  async cell(wanted: Wanted): Promise<Opened> {
    const { conductor, app } = await this.#start()
    const opening = this.#last.then(() => openCell(app, wanted))
    this.#last = opening.catch(() => undefined)
    const cell = await opening
    return { dna: cell[0], agent: cell[1], secret: await conductor.grant(cell, wanted.signingKey) }
  }

  async stop(): Promise<void> {
    await this.#end(async (running) => await running?.conductor.stop())
  }

  /** As a crash: what is left of it is cleared away as after one that ended by itself. */
  async kill(): Promise<void> {
    const running = await this.#running?.catch(() => undefined)
    await running?.conductor.kill()
  }

  /** Stopped, and not started again before it is `online`. */
  async offline(): Promise<void> {
    this.#offline = true
    await this.stop()
  }

  online(): void {
    this.#offline = false
  }

  async freeze(): Promise<void> {
    const running = await this.#running
    running?.conductor.freeze()
  }

  async thaw(): Promise<void> {
    const running = await this.#running
    running?.conductor.thaw()
  }

  /** As a lost disk. */
  async wipe(): Promise<void> {
    await this.#end(async (running) => {
      await running?.conductor.stop()
      rmSync(this.#settings.directory, { recursive: true, force: true })
    })
  }

  /** Whoever asks meanwhile waits until it has ended. */
  async #end(how: (running: Running | undefined) => Promise<void>): Promise<void> {
    const running = await this.#running?.catch(() => undefined)
    const ending = how(running)
    this.#running = undefined
    this.#ending = ending.catch(() => undefined)
    await ending
  }

  #start(): Promise<Running> {
    if (this.#offline) return Promise.reject(new Error('this device is offline'))
    if (this.#running !== undefined) return this.#running
    const running = this.#ending.then(() => this.#begin())
    const over = (): void => {
      if (this.#running === running) this.#running = undefined
    }
    this.#running = running
    running.then(({ conductor }) => conductor.ended).then(over, over)
    return running
  }

  async #begin(): Promise<Running> {
    const { origins, app: path = APP, ...settings } = this.#settings
    const all = origins === undefined ? {} : { origins: [...origins, DEVNET_ORIGIN, NODE_ORIGIN] }
    const conductor = await startConductor({ ...settings, ...all }, path)
    const app = await AppWebsocket.connect({
      url: new URL(conductor.appUrl),
      wsClientOptions: { origin: DEVNET_ORIGIN },
      token: [...(await conductor.issueToken())],
      defaultTimeout: 60_000,
    })
    return { conductor, app }
  }
}

async function openCell(app: AppWebsocket, { seed, space }: Wanted): Promise<CellId> {
  const info = await app.appInfo()
  for (const known of info.cell_info[ROLE] ?? []) {
    if (known.type === 'cloned' && known.value.dna_modifiers.network_seed === seed) return known.value.cell_id
  }
  const properties = { space: Buffer.from(space).toString('hex') }
  const clone = await app.createCloneCell({ role_name: ROLE, modifiers: { network_seed: seed, properties } })
  return clone.cell_id
}

let known: Promise<string> | undefined

/** `holochain --version` says `holochain 0.7.1`. */
function version(): Promise<string> {
  known ??= promisify(execFile)(requireProgram('holochain'), ['--version']).then(({ stdout }) => stdout.trim().split(/\s+/).at(1) ?? '')
  return known
}
