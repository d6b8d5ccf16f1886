import type { Diagnostics } from '../diagnostics/diagnostics.js'
import { asSpiceTimeError, SpiceTimeError } from '../errors/spice-time-error.js'
import type { EventIntake } from '../events/event-applier.js'
import type { Network } from '../model/network.js'
import type { NetworkProvider } from '../networks/provider.js'
import type { Platform } from '../platform/platform.js'
import type { Store } from '../storage/store.js'
import { NetworkPull } from './network-pull.js'
import type { BeforeUpdate, PullReport } from './network-pull.js'

export type { PullReport } from './network-pull.js'

export interface SyncParts {
  readonly store: Store
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  /** The networks to pull from; not this device's own log. Started and stopped by their owner. */
  readonly providers: readonly NetworkProvider[]
  readonly intake: EventIntake
  /** Asked before an update that brings events is taken in, and told after a pull that caught up: who takes and publishes snapshots. */
  readonly beforeUpdate?: BeforeUpdate
  readonly caughtUp?: (provider: NetworkProvider) => void
}

/**
 * Pulls what other devices sent, from every network that is connected: regularly, when a network comes back, and on demand. Only this calls
 * `provider.syncUpdates`; everything it brings goes through the intake, with the cursor in the same transaction.
 */
export class SyncManager {
  readonly #pulls: ReadonlyMap<Network, NetworkPull>
  readonly #diagnostics: Diagnostics
  readonly #listeners = new Set<(report: PullReport) => void>()

  constructor(parts: SyncParts) {
    const { diagnostics, caughtUp } = parts
    this.#diagnostics = diagnostics
    const told = (report: PullReport, provider: NetworkProvider): void => {
      this.#tell(report)
      if (report.error === undefined && !report.behind) caughtUp?.(provider)
    }
    this.#pulls = new Map(
      parts.providers.map((provider) => [
        provider.network,
        new NetworkPull({ ...parts, provider, told: (report) => told(report, provider) }),
      ]),
    )
  }

  start(): void {
    for (const pull of this.#pulls.values()) pull.start()
  }

  /** Calls off what is under way and waits for it. */
  async stop(): Promise<void> {
    await Promise.all([...this.#pulls.values()].map((pull) => pull.stop()))
  }

  /**
   * Pulls from every connected network now; resolves when all have caught up.
   * @throws SpiceTimeError NETWORK_UNAVAILABLE with the networks that failed, once the others are done; ABORTED
   */
  async syncNetworks({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (signal?.aborted === true) throw aborted(signal)
    const work = Promise.all([...this.#pulls.values()].map((pull) => pull.now()))
    const reports = await raced(work, signal)
    const failed = reports.filter((report) => report.error !== undefined)
    if (failed.length === 0) return
    const names = failed.map((report) => report.network)
    const reasons = failed.map((report) => `${report.network}: ${report.error?.message ?? ''}`).join(' ')
    throw new SpiceTimeError(
      'NETWORK_UNAVAILABLE',
      `Not every network could be pulled from. ${reasons} It is tried again by itself.`,
      { networks: names },
      failed[0]?.error,
    )
  }

  /** The last pull of each network that was pulled from. */
  reports(): readonly PullReport[] {
    return [...this.#pulls.values()].flatMap((pull) => pull.last ?? [])
  }

  /** Told when a pull ended, well or not. */
  onPulled(listener: (report: PullReport) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(report: PullReport): void {
    const { network, error } = report
    if (error !== undefined) {
      const { code, message } = asSpiceTimeError(error)
      this.#diagnostics.emit({ kind: 'background-failed', task: `pulling from ${network}`, code, reason: message })
    }
    for (const listener of this.#listeners) listener(report)
  }
}

/** The pulls go on when only the wait for them is called off. */
async function raced<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work
  let undo = (): void => undefined
  const called = new Promise<never>((_resolve, reject) => {
    const abort = (): void => reject(aborted(signal))
    signal.addEventListener('abort', abort)
    undo = () => signal.removeEventListener('abort', abort)
  })
  try {
    return await Promise.race([work, called])
  } finally {
    undo()
  }
}

function aborted(signal: AbortSignal): SpiceTimeError {
  return new SpiceTimeError('ABORTED', 'Waiting for the networks was called off.', {}, signal.reason)
}
