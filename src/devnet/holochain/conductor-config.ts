import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ConductorSettings {
  /** Everything that it keeps; one that was there before goes on with what it had. */
  readonly directory: string
  readonly bootstrapUrl: string
  /** Origins of pages that may talk to it; default: any, for tests. */
  readonly origins?: readonly string[]
  /** Publishes what its own validation would refuse, as a modified conductor would: for tests of what other nodes make of it. */
  readonly unchecked?: boolean
}

/**
 * Milliseconds. By default two nodes compare what they hold every two minutes, and after one went away at most every five: what was written while
 * another one was away would come that late. On one machine nobody minds the traffic.
 */
const SOON = {
  coreBootstrap: { backoffMinMs: 1_000, backoffMaxMs: 5_000 },
  k2Gossip: { initiateIntervalMs: 3_000, minInitiateIntervalMs: 2_000, initiateJitterMs: 1_000 },
}

/** Writes the configuration for one start, and returns its path. Ports are free ones. */
export function writeConfig({ directory, bootstrapUrl, origins, unchecked = false }: ConductorSettings): string {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, 'conductor-config.yaml')
  const data = join(directory, 'data')
  mkdirSync(data, { recursive: true })
  writeFileSync(
    path,
    // JSON is YAML. A relay without TLS is for loopback alone.
    JSON.stringify({
      data_root_path: data,
      keystore: { type: 'lair_server_in_proc' },
      admin_interfaces: [{ driver: { type: 'websocket', port: 0, allowed_origins: allowed(origins) } }],
      network: {
        bootstrap_url: bootstrapUrl,
        relay_url: bootstrapUrl,
        target_arc_factor: 1,
        advanced: { irohTransport: { relayAllowPlainText: true }, ...SOON },
      },
      // What a node got by gossip, it sends no receipt for: it is published again until there are some. By default after minutes.
      tuning_params: { publish_trigger_interval: seconds(5), min_publish_interval: seconds(5), disable_self_validation: unchecked },
    }),
  )
  return path
}

/** As the conductor wants them: a list with commas, or a star. */
export function allowed(origins: readonly string[] | undefined): string {
  return origins === undefined ? '*' : origins.join(',')
}

/** As serde writes a Duration of Rust. */
function seconds(secs: number): { readonly secs: number; readonly nanos: number } {
  return { secs, nanos: 0 }
}
