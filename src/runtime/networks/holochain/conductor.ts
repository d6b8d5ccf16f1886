import type { WantedSpace } from './endpoint.js'
import type { ZomeCalls, ZomeSignal } from './zome-calls.js'

/** This device's conductor, whoever answers for it. */
export interface Conductor {
  /** @throws SpiceTimeError NETWORK_UNAVAILABLE, NETWORK_UNAUTHORIZED, NETWORK_VERSION_UNSUPPORTED */
  connect(events: LinkEvents): Promise<ConductorLink>
  /** Calls back when there may be a conductor where there was none. Returns its undo. */
  onChange(listener: () => void): () => void
}

export interface LinkEvents {
  /** A signal for the cell of that DNA. */
  readonly onSignal: (dna: Uint8Array, signal: ZomeSignal) => void
  /** The connection ended by itself. */
  readonly onClosed: () => void
}

/** One connection to a conductor. */
export interface ConductorLink {
  /** The conductor's version, or who gave it. */
  readonly conductor: string
  readonly url: string
  /** The cell of a space, made when it is not there yet. @throws SpiceTimeError as the conductor fails */
  cell(wanted: WantedSpace): Promise<LinkedCell>
  /** Other nodes that the conductor is connected to; undefined where it does not tell. */
  peers(): Promise<number | undefined>
  close(): void
}

export interface LinkedCell {
  /** Hashes of 39 bytes. */
  readonly dna: Uint8Array
  readonly agent: Uint8Array
  readonly calls: ZomeCalls
}
