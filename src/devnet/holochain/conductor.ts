import { randomUUID } from 'node:crypto'
import { AdminWebsocket, generateSigningKeyPair, randomCapSecret } from '@holochain/client'
import type { CellId } from '@holochain/client'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import { requireProgram } from '../binaries.js'
import { allowed, writeConfig } from './conductor-config.js'
import type { ConductorSettings } from './conductor-config.js'
import { startPeer } from '../peer-process.js'

/** Ends with the version of its rules: with others it is another app, in networks of its own. */
const APP_ID = 'spicetime-2'
/** Names this program to the conductor; it has no page's origin. */
export const DEVNET_ORIGIN = 'spicetime-devnet'
/** The keys of a devnet guard nothing: whoever reads its folder has them anyway. */
const PASSPHRASE = 'spicetime devnet'

/** A key that may call a cell's functions, and the secret of its grant: all that `setSigningCredentials` needs, as plain bytes. */
export interface CallKey {
  readonly capSecret: Uint8Array
  /** The public key as an agent's, 39 bytes. */
  readonly signingKey: Uint8Array
  /** Ed25519, as libsodium keeps it: 64 bytes. */
  readonly privateKey: Uint8Array
}

/** A real conductor on loopback with the app installed. */
export interface Conductor {
  readonly adminUrl: string
  readonly appUrl: string
  /** The key of the app's agent, 39 bytes. */
  readonly agent: Uint8Array
  /** A token with which a page or a worker connects to the app, again and again. */
  issueToken(): Promise<Uint8Array>
  /** Lets a key call all of the cell's functions; returns the secret that goes with each call. */
  grant(cell: CellId, signingKey: Uint8Array): Promise<Uint8Array>
  /** Makes a key that may call all of the cell's functions. */
  authorize(cell: CellId): Promise<CallKey>
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<void>
  stop(): Promise<void>
  /** As a power cut would. */
  kill(): Promise<void>
  /** It takes what comes and answers nothing, until it is thawed. */
  freeze(): void
  thaw(): void
}

/**
 * Starts one, or the one that was in the directory before.
 * @param app the packed app: a path
 * @throws SpiceTimeError PROGRAM_MISSING, NETWORK_UNAVAILABLE
 */
export async function startConductor(settings: ConductorSettings, app: string): Promise<Conductor> {
  const process = await startPeer({
    program: requireProgram('holochain'),
    arguments: ['--piped', '-c', writeConfig(settings)],
    lines: [/###ADMIN_PORT:(\d+)###/, /Conductor ready\./],
    input: PASSPHRASE,
  })
  try {
    const adminUrl = `ws://127.0.0.1:${process.found[0] ?? ''}`
    const admin = await AdminWebsocket.connect({ url: new URL(adminUrl), wsClientOptions: { origin: DEVNET_ORIGIN } })
    const agent = await installed(admin, app)
    const { port } = await admin.attachAppInterface({ allowed_origins: allowed(settings.origins), installed_app_id: APP_ID })
    const end = async (how: () => Promise<void>): Promise<void> => {
      await admin.client.close()
      await how()
    }
    return {
      adminUrl,
      appUrl: `ws://127.0.0.1:${port}`,
      agent,
      async issueToken() {
        const issued = await admin.issueAppAuthenticationToken({ installed_app_id: APP_ID, single_use: false, expiry_seconds: 0 })
        return Uint8Array.from(issued.token)
      },
      grant: (cell, signingKey) => grantTo(admin, cell, signingKey),
      authorize: (cell) => authorize(admin, cell),
      ended: process.ended,
      stop: () => end(() => process.stop()),
      kill: () => end(() => process.kill()),
      freeze: () => process.freeze(),
      thaw: () => process.thaw(),
    }
  } catch (error) {
    await process.stop()
    throw error
  }
}

async function installed(admin: AdminWebsocket, app: string): Promise<Uint8Array> {
  const apps = await admin.listApps({})
  // What an app with former rules holds is here, on this device, and is published again by the new one.
  for (const { installed_app_id: id } of apps) if (id !== APP_ID) await admin.disableApp({ installed_app_id: id })
  const known = apps.find(({ installed_app_id: id }) => id === APP_ID)
  if (known !== undefined) return known.agent_pub_key
  const { agent_pub_key: agent } = await admin.installApp({
    source: { type: 'path', value: app },
    installed_app_id: APP_ID,
    // The first cell belongs to no space and has nobody to meet.
    network_seed: randomUUID(),
  })
  await admin.enableApp({ installed_app_id: APP_ID })
  return agent
}

async function authorize(admin: AdminWebsocket, cell: CellId): Promise<CallKey> {
  const made: readonly unknown[] = await generateSigningKeyPair(cell[1])
  const [privateKey, signingKey] = [privateKeyOf(made[0]), bytesOf(made[1])]
  return { capSecret: await grantTo(admin, cell, signingKey), signingKey, privateKey }
}

/** 0.7.1 takes the grant in another shape than the library's own `authorizeSigningCredentials` sends. */
async function grantTo(admin: AdminWebsocket, cell: CellId, signingKey: Uint8Array): Promise<Uint8Array> {
  const secret = await randomCapSecret()
  const grant = {
    tag: 'spicetime',
    constraint: { type: 'assigned', value: { secret, assignees: [signingKey] } },
    grant: { functions: { type: 'all' } },
  }
  // @ts-expect-error the library's types are those of older conductors
  await admin.grantZomeCallCapability({ cell_id: cell, cap_grant: grant })
  return secret
}

/** The library's own type of a key pair is that of a package without types. */
function privateKeyOf(pair: unknown): Uint8Array {
  return bytesOf(typeof pair === 'object' && pair !== null && 'privateKey' in pair ? pair.privateKey : undefined)
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new SpiceTimeError(
    'NETWORK_VERSION_UNSUPPORTED',
    '@holochain/client made no key pair; install the version that package.json names.',
  )
}
