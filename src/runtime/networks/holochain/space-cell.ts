import { fromBase32, toBase32 } from '../../codec/base32.js'
import type { NetworkSpace } from '../provider-parts.js'
import type { ConductorLink } from './conductor.js'
import { holochainError } from './holochain-errors.js'
import type { SentEvents } from './sent-events.js'
import { NETWORK_VERSION } from './zome-calls.js'
import type { ZomeCalls } from './zome-calls.js'

export interface CellParts {
  readonly space: NetworkSpace
  readonly link: ConductorLink
  readonly sent: SentEvents
}

/** One space's cell in this device's conductor. */
export class SpaceCell {
  readonly calls: ZomeCalls
  /** 32 bytes. */
  readonly space: Uint8Array
  readonly dna: Uint8Array
  readonly agent: Uint8Array
  /** The conductor lost what this device had written, or is another one. */
  wiped: boolean
  /** Pulls in this life of the cell. */
  pulls = 0
  /** Of the space's network, this device's own included, as far as this node knows. */
  members = 0
  readonly #sent: SentEvents
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(cell: Pick<SpaceCell, 'calls' | 'space' | 'dna' | 'agent' | 'wiped'>, sent: SentEvents) {
    this.calls = cell.calls
    this.space = cell.space
    this.dna = cell.dna
    this.agent = cell.agent
    this.wiped = cell.wiped
    this.#sent = sent
  }

  /** @throws SpiceTimeError as the endpoint and the conductor fail; NETWORK_VERSION_UNSUPPORTED for another DNA */
  static async open({ space, link, sent }: CellParts): Promise<SpaceCell> {
    const reference = fromBase32(space.reference)
    const { calls, ...opened } = await link.cell({ seed: `spicetime/${toBase32(space.secret)}`, space: reference })
    const version = await calls.version()
    if (version !== NETWORK_VERSION)
      throw holochainError(
        'NETWORK_VERSION_UNSUPPORTED',
        `The conductor's DNA has the rules of version ${version}, this runtime keeps those of version ${NETWORK_VERSION}. Install holochain/spicetime.happ of this version.`,
      )
    const before = await sent.agent()
    const now = agentIn(opened)
    if (before === undefined) await sent.begins(now)
    const wiped = before !== undefined && toBase32(before) !== toBase32(now)
    return new SpaceCell({ calls, space: reference, dna: opened.dna, agent: opened.agent, wiped }, sent)
  }

  /** Runs a call that writes to the agent's chain once those before it have ended: of two at once one would fail. */
  writing<T>(call: () => Promise<T>): Promise<T> {
    const written = this.#writing.then(call, call)
    // Its caller hears of a failure.
    this.#writing = written.catch(() => undefined)
    return written
  }

  /** What the former agent gave is taken back by now: this one begins. */
  async begin(): Promise<void> {
    await this.#sent.begins(agentIn(this))
    this.wiped = false
  }
}

/** Who is the same in another network starts anew there as well. */
function agentIn({ dna, agent }: Pick<SpaceCell, 'dna' | 'agent'>): Uint8Array {
  return new Uint8Array([...dna, ...agent])
}
