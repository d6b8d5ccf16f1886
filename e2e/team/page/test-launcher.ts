import { AppWebsocket, generateSigningKeyPair, setSigningCredentials, signZomeCall } from '@holochain/client'
import type { CallZomeRequest, CallZomeRequestSigned, CellId } from '@holochain/client'
import { decode } from '@msgpack/msgpack'

/** Where a conductor is, as the devnet's endpoint answers. */
export interface Place {
  readonly endpoint: string
  readonly token: string
  /** Names the device to the endpoint, in base 32. */
  readonly device: string
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** A launcher with a real conductor: it leaves in the page what launchers do, and signs every call of the app's cells that it is asked to. */
export class TestLauncher {
  signed = 0
  readonly #place: Place
  readonly #known = new Map<string, Promise<void>>()

  constructor(place: Place) {
    this.#place = place
    Object.assign(globalThis, {
      __HC_ZOME_CALL_SIGNER__: { signZomeCall: (call: CallZomeRequest): Promise<CallZomeRequestSigned> => this.#sign(call) },
    })
  }

  /** As it leaves its port and token in the page. */
  async show(): Promise<void> {
    const { url, token } = await this.#open()
    const port = Number(new URL(url).port)
    Object.assign(globalThis, { __HC_LAUNCHER_ENV__: { APP_INTERFACE_PORT: port, APP_INTERFACE_TOKEN: token } })
  }

  /** A client, as it is given to a page that has no launcher's environment. */
  async client(): Promise<AppWebsocket> {
    const { url, token } = await this.#open()
    return await AppWebsocket.connect({ url: new URL(url), token })
  }

  async #open(): Promise<{ readonly url: string; readonly token: number[] }> {
    const { url = '', token = '' } = await this.#ask('', {})
    return { url, token: [...fromBase32(token)] }
  }

  async #sign(call: CallZomeRequest): Promise<CallZomeRequestSigned> {
    this.signed += 1
    const name = String(call.cell_id[0])
    const granted = this.#known.get(name) ?? this.#grant(call.cell_id)
    this.#known.set(name, granted)
    await granted
    return await signZomeCall(call)
  }

  /** A real launcher has the agent's own key; this one gets a key of its own granted. */
  async #grant(cell: CellId): Promise<void> {
    const client = await this.client()
    const { cell_info: cells } = await client.appInfo()
    const found = cells['space']?.find((one) => one.type === 'cloned' && String(one.value.cell_id[0]) === String(cell[0]))
    if (found?.type !== 'cloned') throw new Error('the app has no such cell')
    const { network_seed: seed, properties } = found.value.dna_modifiers
    const { space } = decode(new Uint8Array(properties)) as { readonly space: string }
    const [keyPair, signingKey] = await generateSigningKeyPair(cell[1])
    const bytes = Uint8Array.from(space.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    const { secret = '' } = await this.#ask('cells', { seed, space: toBase32(bytes), signingKey: toBase32(signingKey) })
    setSigningCredentials(cell, { capSecret: fromBase32(secret), keyPair, signingKey })
  }

  async #ask(path: string, body: object): Promise<Readonly<Partial<Record<string, string>>>> {
    const { endpoint, token, device } = this.#place
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const response = await fetch(new URL(path, endpoint), { method: 'POST', headers, body: JSON.stringify({ device, ...body }) })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as Partial<Record<string, string>>
  }
}

/** https://datatracker.ietf.org/doc/html/rfc4648#section-6, in lower case and without padding. */
function toBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

function fromBase32(text: string): Uint8Array {
  const bits = Array.from(text, (letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}
