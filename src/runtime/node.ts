import { Diagnostics } from './diagnostics/diagnostics.js'
import { createLocalClient } from './local-client.js'
import type { NetworkSettings } from './model/network-settings.js'
import { nodePlatform } from './platform/node.js'
import { randomHex } from './platform/random-hex.js'
import type { StorageFacts } from './platform/storage-facts.js'
import type { RuntimeClient } from './runtime-client.js'
import { Runtime } from './runtime.js'
import { openLevelBlockStore } from './storage/level/level-block-store.js'
import { openLevelStore } from './storage/level/level-store.js'

export interface NodeConnectOptions {
  /** The folder that holds this device's events and keys; made when it is not there. One process at a time. */
  readonly directory: string
  /** Networks to connect to, in place of what was said before; default: those. */
  readonly networks?: NetworkSettings
}

/**
 * The same runtime in this Node process, on LevelDB: for the command line, always-on peers and tests. `close()` it before the process ends.
 * @throws SpiceTimeError STORAGE_BLOCKED, STORAGE_UNAVAILABLE, STORAGE_FULL, STORAGE_FAILED, CRYPTO_UNAVAILABLE, SETTINGS_MALFORMED
 * @example
 * const runtime = await connect({ directory: './my-device' })
 * await runtime.submitEvent({ path: 'me/tasks/1', op: 'put', value: { title: 'Ship it' } })
 * await runtime.close()
 */
export async function connect(options: NodeConnectOptions): Promise<RuntimeClient> {
  const diagnostics = new Diagnostics(() => nodePlatform.now())
  const opened = await openLevelStore({
    location: options.directory,
    onDamaged: ({ key, reason }) => diagnostics.emit({ kind: 'record-damaged', key, reason }),
  })
  let runtime: Runtime
  try {
    runtime = await Runtime.open({
      ...opened,
      openBlocks: () => openLevelBlockStore(options.directory),
      platform: nodePlatform,
      diagnostics,
      storageFacts,
    })
  } catch (error) {
    await opened.store.close()
    throw error
  }
  if (options.networks !== undefined) await configured(runtime, options.networks)
  return createLocalClient({ runtime, diagnostics, generation: randomHex(nodePlatform, 8), since: nodePlatform.now() })
}

/** A runtime that is not what the caller asked for is not left open. */
async function configured(runtime: Runtime, networks: NetworkSettings): Promise<void> {
  try {
    await runtime.configureNetworks(networks)
  } catch (error) {
    await runtime.close()
    throw error
  }
}

/** A folder stays until somebody removes it; Node does not tell what it takes. */
function storageFacts(): Promise<StorageFacts> {
  return Promise.resolve({ mode: 'durable', usage: undefined, quota: undefined })
}
