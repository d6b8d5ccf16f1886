import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fromBase32 } from '../../runtime/codec/base32.js'
import { startBootstrap } from './bootstrap.js'
import type { Bootstrap } from './bootstrap.js'
import { DeviceConductor } from './device-conductor.js'
import type { Wanted } from './device-conductor.js'
import { serveEndpoint } from './endpoint-server.js'

export interface HolochainDevnetOptions {
  /** Where conductors and their data are kept over restarts. */
  readonly directory: string
  /** Origins of pages that may ask; conductors take no others either. */
  readonly origins?: readonly string[]
  /** Path of the packed app; default: the repository's. */
  readonly app?: string
  /** Default: a free one. */
  readonly port?: number
  /** As conductors have it. */
  readonly gossipEvery?: number
  /** Told of each cell that a device asks for: who knows its seed can meet it with a conductor of their own. */
  readonly onCell?: (device: string, wanted: Wanted) => void
}

/** A bootstrap server, and a real conductor for each device that asks for one. */
export interface HolochainDevnet {
  /** Settings of the network holochain. */
  readonly endpoint: string
  readonly token: string
  readonly bootstrapUrl: string
  /** Devices that have a conductor now, by their keys in base 32. */
  devices(): readonly string[]
  /** As a power cut would, of one device's conductor; the next question starts it anew. */
  kill(device: string): Promise<void>
  /** A conductor that lost its disk. */
  wipe(device: string): Promise<void>
  /** No conductor for one device, until it is `online`. */
  offline(device: string): Promise<void>
  online(device: string): void
  /** A conductor that takes what comes and answers nothing, until it is thawed. Not on Windows. */
  freeze(device: string): Promise<void>
  thaw(device: string): Promise<void>
  close(): Promise<void>
}

/** A devnet on one machine is for a handful. */
const MOST_DEVICES = 8

/** @throws SpiceTimeError PROGRAM_MISSING, NETWORK_UNAVAILABLE, DEVNET_FAILED */
export async function startHolochainDevnet(options: HolochainDevnetOptions): Promise<HolochainDevnet> {
  mkdirSync(options.directory, { recursive: true })
  const bootstrap: Bootstrap = await startBootstrap()
  const conductors = new Map<string, DeviceConductor>()
  const conductorOf = (device: string): DeviceConductor => {
    const known = conductors.get(device)
    if (known !== undefined) return known
    if (fromBase32(device).length !== 32) throw new Error('a device is named by 32 bytes')
    if (conductors.size >= MOST_DEVICES) throw new Error(`this devnet has conductors for ${MOST_DEVICES} devices, and all are taken`)
    const made = new DeviceConductor({
      directory: join(options.directory, device),
      bootstrapUrl: bootstrap.url,
      ...(options.origins === undefined ? {} : { origins: options.origins }),
      ...(options.app === undefined ? {} : { app: options.app }),
      ...(options.gossipEvery === undefined ? {} : { gossipEvery: options.gossipEvery }),
    })
    conductors.set(device, made)
    return made
  }
  const server = await serveEndpoint({
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.origins === undefined ? {} : { origins: options.origins }),
    open: (device) => conductorOf(device).address(),
    cell: (device, wanted) => {
      options.onCell?.(device, wanted)
      return conductorOf(device).cell(wanted)
    },
  })
  return {
    endpoint: server.url,
    token: server.token,
    bootstrapUrl: bootstrap.url,
    devices: () => [...conductors.keys()],
    kill: async (device) => await conductors.get(device)?.kill(),
    wipe: async (device) => await conductors.get(device)?.wipe(),
    offline: async (device) => await conductors.get(device)?.offline(),
    online: (device) => conductors.get(device)?.online(),
    freeze: async (device) => await conductors.get(device)?.freeze(),
    thaw: async (device) => await conductors.get(device)?.thaw(),
    async close() {
      await server.close()
      await Promise.all([...conductors.values()].map((conductor) => conductor.stop()))
      await bootstrap.stop()
    },
  }
}
