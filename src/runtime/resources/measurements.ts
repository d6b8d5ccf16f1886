import { NETWORKS } from '../model/network.js'
import type { Network } from '../model/network.js'

/** How a network has done lately. */
export interface Measured {
  /** Milliseconds, exponentially weighted; undefined before the first answer. */
  readonly latency: number | undefined
  /** 0 to 1, exponentially weighted; 1 before the first answer. */
  readonly success: number
}

/** What the newest answer counts against all before it. */
const WEIGHT = 0.2
const UNMEASURED: Measured = { latency: undefined, success: 1 }

/** Live latency and success of each network, since the runtime started. */
export class Measurements {
  readonly #measured = new Map<Network, Measured>(NETWORKS.map((network) => [network, UNMEASURED]))

  of(network: Network): Measured {
    return this.#measured.get(network) ?? UNMEASURED
  }

  /** @param latency milliseconds from sending to the answer */
  succeeded(network: Network, latency: number): void {
    const before = this.of(network)
    this.#measured.set(network, {
      latency: before.latency === undefined ? latency : blend(before.latency, latency),
      success: blend(before.success, 1),
    })
  }

  failed(network: Network): void {
    const before = this.of(network)
    this.#measured.set(network, { ...before, success: blend(before.success, 0) })
  }
}

function blend(before: number, newest: number): number {
  return before + WEIGHT * (newest - before)
}
