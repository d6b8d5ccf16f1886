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
  /** Milliseconds from one round of gossip with a peer to the next; default a second. */
  readonly gossipEvery?: number
}

/**
 * Made for the internet, a conductor looks for a peer to gossip with every two minutes, and for the same one again after five: whoever missed a publish stands still for as long. Tests and benches take the
 * second of Holochain's own tests of several conductors. What each costs an idle conductor is in docs/decisions/0027-programs-from-registries.md.
 */
const QUICK_GOSSIP = 1_000
/** For conductors that run all day beside people's work. What was missed comes a few seconds later; what is published while both are there goes by itself. */
export const CALM_GOSSIP = 10_000

/** By default the bootstrap server is asked once in five minutes who is there. */
const BOOTSTRAP = { backoffMinMs: 1_000, backoffMaxMs: 5_000 }

const TUNING = {
  // What a node got by gossip, it sends no receipt for: it is published again until there are some. By default after minutes.
  publish_trigger_interval: seconds(5),
  min_publish_interval: seconds(5),
  // What an operation depends on is often on its way.
  sys_validation_retry_delay: seconds(1),
}

/** Writes the configuration for one start, and returns its path. Ports are free ones. */
export function writeConfig({
  directory,
  bootstrapUrl,
  origins,
  unchecked = false,
  gossipEvery = QUICK_GOSSIP,
}: ConductorSettings): string {
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
        advanced: { irohTransport: { relayAllowPlainText: true }, coreBootstrap: BOOTSTRAP, k2Gossip: gossip(gossipEvery) },
      },
      tuning_params: { ...TUNING, disable_self_validation: unchecked },
    }),
  )
  return path
}

/** As the conductor wants them: a list with commas, or a star. */
export function allowed(origins: readonly string[] | undefined): string {
  return origins === undefined ? '*' : origins.join(',')
}

function gossip(every: number): Readonly<Record<string, number>> {
  return { initiateIntervalMs: every, minInitiateIntervalMs: every, initiateJitterMs: every / 10, roundTimeoutMs: 10_000 }
}

/** As serde writes a Duration of Rust. */
function seconds(secs: number): { readonly secs: number; readonly nanos: number } {
  return { secs, nanos: 0 }
}
