import type { PreparedParts } from './device-parts.js'
import type { Diagnostics } from './diagnostics/diagnostics.js'
import { asSpiceTimeError, SpiceTimeError } from './errors/spice-time-error.js'
import type { SettingsByNetwork } from './network-settings.js'
import type { NetworkProvider } from './networks/provider.js'
import type { Platform } from './platform/platform.js'
import type { Store } from './storage/store.js'

export interface LivingNetwork {
  readonly provider: NetworkProvider
  readonly parts: PreparedParts
}

export interface NetworkLivesParts {
  readonly store: Store
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly networks: readonly LivingNetwork[]
  /** As stored. */
  readonly settings: SettingsByNetwork
}

/** Milliseconds that a network may take to stop; then it is left to itself. */
export const STOP_BOUND = 3_000

/** Starts and stops the providers, each with what the app said of its network. One network's trouble is reported, and is not the others'. */
export class NetworkLives {
  readonly #parts: NetworkLivesParts
  #settings: SettingsByNetwork
  #stopped = false
  /** Changes of settings, one after the other. */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(parts: NetworkLivesParts) {
    this.#parts = parts
    this.#settings = parts.settings
  }

  /** Resolves when this device's own log is there; the others start by themselves. */
  async start(): Promise<void> {
    const starting = new Map(this.#parts.networks.map((network) => [network.provider.network, this.#start(network)]))
    await starting.get('local')
  }

  /**
   * Takes the place of all that was said before: a network that is not named is set up no more. Durable when it resolves; networks of which
   * something else was said than before are stopped and started again.
   * @throws SpiceTimeError SETTINGS_MALFORMED, STORAGE_FAILED and the like; then nothing changed
   */
  configure(foreign: unknown): Promise<void> {
    const changed = this.#changing.then(() => this.#configure(foreign))
    this.#changing = changed.catch(() => undefined)
    return changed
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#changing
    await Promise.all(this.#parts.networks.map((network) => this.#stop(network)))
  }

  /** Waits for work that stops a network, but not for ever. */
  async bounded(task: string, work: Promise<unknown>): Promise<void> {
    const { platform, diagnostics } = this.#parts
    let cancel = (): void => undefined
    const bound = new Promise<'late'>((resolve) => (cancel = platform.after(STOP_BOUND, () => resolve('late'))))
    try {
      if ((await Promise.race([work, bound])) !== 'late') return
      const reason = `It was not done within ${STOP_BOUND / 1000} s: report this to the author of its provider.`
      diagnostics.emit({ kind: 'background-failed', task, code: 'NETWORK_UNAVAILABLE', reason })
      // It is reported already; what becomes of it later is nobody's.
      work.catch(() => undefined)
    } catch (error) {
      const { code, message } = asSpiceTimeError(error, 'NETWORK_UNAVAILABLE')
      diagnostics.emit({ kind: 'background-failed', task, code, reason: message })
    } finally {
      cancel()
    }
  }

  async #configure(foreign: unknown): Promise<void> {
    const { parseNetworkSettings, settingsChanges } = await import('./new-network-settings.js')
    const settings = await parseNetworkSettings(foreign)
    const changes = settingsChanges(this.#settings, settings)
    if (this.#stopped) throw new SpiceTimeError('RUNTIME_CLOSED', 'The runtime was closed. Connect again.')
    if (changes.size === 0) return
    await this.#parts.store.write([...changes.values()])
    this.#settings = settings
    await Promise.all(this.#parts.networks.filter(({ provider }) => changes.has(provider.network)).map((network) => this.#restart(network)))
  }

  async #restart(network: LivingNetwork): Promise<void> {
    await this.#stop(network)
    // How long it takes to start is its own affair: its status tells.
    if (!this.#stopped) void this.#start(network)
  }

  /** Never rejects. */
  async #start({ provider, parts }: LivingNetwork): Promise<void> {
    const { network } = provider
    const { platform, diagnostics } = this.#parts
    try {
      if (network !== 'local') await parts.ready()
      const settings = this.#settings.get(network)
      await provider.start({ platform, ...(settings === undefined ? {} : { settings }) })
    } catch (error) {
      const { code, message } = asSpiceTimeError(error, 'NETWORK_UNAVAILABLE')
      diagnostics.emit({ kind: 'background-failed', task: `starting ${network}`, code, reason: message })
    }
  }

  #stop({ provider }: LivingNetwork): Promise<void> {
    // Whether it throws or rejects.
    const stopping = (async () => provider.stop())()
    return this.bounded(`stopping ${provider.network}`, stopping)
  }
}
