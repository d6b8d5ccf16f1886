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
    await this.#end(({ conductor }) => conductor.stop())
  }

  async kill(): Promise<void> {
    await this.#end(({ conductor }) => conductor.kill())
  }

  /** As a lost disk. */
  async wipe(): Promise<void> {
    await this.stop()
    rmSync(this.#settings.directory, { recursive: true, force: true })
  }

  async #end(how: (running: Running) => Promise<void>): Promise<void> {
    const running = await this.#running?.catch(() => undefined)
    this.#running = undefined
    if (running === undefined) return
    await how(running)
  }

  #start(): Promise<Running> {
    this.#running ??= this.#begin().catch((error: unknown) => {
      this.#running = undefined
      throw error
    })
    return this.#running
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
