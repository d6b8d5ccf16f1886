import { fromBase32, toBase32 } from '../../codec/base32.js'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import { holochainError } from './holochain-errors.js'

/**
 * Who answers for this device's conductor, over HTTP with `Authorization: Bearer <token>`; bytes are base32 (RFC 4648, lower case, no padding).
 *
 * | request | body | answer |
 * | --- | --- | --- |
 * | `POST /` | `{ device }` | `{ url, token, conductor }`: the app's websocket, a token for it, the conductor's version |
 * | `POST /cells` | `{ device, seed, space, signingKey }` | `{ dna, agent, secret }`: the cell of that network seed, whose functions the key may call with the secret |
 *
 * `device` is the 32 bytes of the device's call key: each device has a conductor of its own. A conductor that started anew has another URL and token.
 */
export interface ConductorEndpoint {
  open(): Promise<ConductorAddress>
  cell(wanted: WantedCell): Promise<OpenCell>
}

export interface ConductorAddress {
  readonly url: string
  readonly token: Uint8Array
  readonly conductor: string
}

/** Whose cell is wanted. */
export interface WantedSpace {
  readonly seed: string
  /** 32 bytes: the space's reference. */
  readonly space: Uint8Array
}

export interface WantedCell extends WantedSpace {
  /** As an agent's key, 39 bytes. */
  readonly signingKey: Uint8Array
}

export interface OpenCell {
  /** Hashes of 39 bytes. */
  readonly dna: Uint8Array
  readonly agent: Uint8Array
  readonly secret: Uint8Array
}

export interface EndpointParts {
  readonly url: string
  readonly token: string
  readonly device: Uint8Array
  readonly fetch: typeof fetch
}

/** A cell that nobody has opened yet takes its time: the conductor compiles the DNA. */
const PATIENCE = 60_000
const HASH_BYTES = 39
/** The conductors that this build's client and DNA work with, and how to get one. */
const SUPPORTED = /^0\.7\./
export const HOW_TO_INSTALL = "`cargo install holochain@0.7.1 --locked`, or `holochain` of the project's release 0.7 on GitHub"

/** @throws SpiceTimeError from each method: NETWORK_UNAVAILABLE, NETWORK_UNAUTHORIZED, NETWORK_VERSION_UNSUPPORTED */
export function conductorEndpoint(parts: EndpointParts): ConductorEndpoint {
  const device = toBase32(parts.device)
  return {
    async open() {
      const { url, token, conductor } = await ask(parts, '', { device })
      if (typeof url !== 'string' || !/^wss?:/.test(url) || typeof conductor !== 'string') throw unreadable(parts.url)
      if (!SUPPORTED.test(conductor)) throw unsupported(conductor)
      return { url, token: bytes(token, parts.url), conductor }
    },
    async cell({ seed, space, signingKey }) {
      const wanted = { device, seed, space: toBase32(space), signingKey: toBase32(signingKey) }
      const { dna, agent, secret } = await ask(parts, 'cells', wanted)
      const cell = { dna: bytes(dna, parts.url), agent: bytes(agent, parts.url), secret: bytes(secret, parts.url) }
      if (cell.dna.length !== HASH_BYTES || cell.agent.length !== HASH_BYTES) throw unreadable(parts.url)
      return cell
    },
  }
}

async function ask(parts: EndpointParts, path: string, body: unknown): Promise<Readonly<Record<string, unknown>>> {
  const url = new URL(path, parts.url.endsWith('/') ? parts.url : `${parts.url}/`)
  let response: Response
  try {
    response = await parts.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${parts.token}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    })
  } catch (error) {
    const message = `Nobody answers for this device's Holochain conductor at ${parts.url}. Start it (npm start runs one); it is asked again.`
    throw new SpiceTimeError('NETWORK_UNAVAILABLE', message, { network: 'holochain' }, error)
  }
  const answer = await response.text()
  if (response.status === 401 || response.status === 403)
    throw holochainError(
      'NETWORK_UNAUTHORIZED',
      `The endpoint ${parts.url} of the Holochain conductor refuses this app's token. Reload the app, or give it the endpoint's present token.`,
    )
  if (!response.ok)
    throw holochainError(
      'NETWORK_UNAVAILABLE',
      `The Holochain conductor behind ${parts.url} is not ready: ${answer.slice(0, 200)} (${response.status}). It is asked again.`,
    )
  const parsed = parseJson(answer)
  if (parsed === undefined) throw unreadable(parts.url)
  return parsed
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined
  } catch {
    return undefined
  }
}

function bytes(foreign: unknown, url: string): Uint8Array {
  if (typeof foreign !== 'string') throw unreadable(url)
  try {
    return fromBase32(foreign)
  } catch {
    throw unreadable(url)
  }
}

function unreadable(url: string): SpiceTimeError {
  return holochainError('NETWORK_VERSION_UNSUPPORTED', `What answers at ${url} is no endpoint of a Holochain conductor for this runtime.`)
}

function unsupported(conductor: string): SpiceTimeError {
  const message = `The Holochain conductor has version ${conductor.slice(0, 40)}; this runtime speaks with 0.7, by @holochain/client 0.21. Events wait until one of 0.7 answers: ${HOW_TO_INSTALL}.`
  return holochainError('NETWORK_VERSION_UNSUPPORTED', message)
}
