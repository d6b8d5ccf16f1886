import type { PinReport } from '../content.js'

export type PinState = PinReport['state']

/** Who keeps whole DAGs for us when asked: a Kubo by its RPC, or a service that speaks the Pinning Service API. */
export interface PinService {
  /** As a person knows it: the host of its URL unless the settings name it. Never holds a token. */
  readonly name: string
  /**
   * Asks for everything below the CID to be kept; idempotent. Where the service can't fetch from this device (nobody dials a browser), `blocks` hands over
   * what it lacks, if the service takes blocks at all.
   * @throws SpiceTimeError NETWORK_UNAVAILABLE, NETWORK_UNAUTHORIZED, NETWORK_RATE_LIMITED, NETWORK_REFUSED, ABORTED
   */
  pin(request: PinRequest, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** How each of them stands, asked anew. @throws SpiceTimeError as `pin` */
  states(cids: readonly string[], options?: { readonly signal?: AbortSignal | undefined }): Promise<ReadonlyMap<string, PinState>>
  /** Roots that are pinned under a name, by anyone who uses the service. @throws SpiceTimeError as `pin` */
  named(name: string, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<string>
  /** Idempotent. @throws SpiceTimeError as `pin` */
  unpin(cid: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
}

export interface PinRequest {
  readonly cid: string
  /** What others find it by. */
  readonly name: string
  /** Multiaddrs at which this device's blocks can be had. */
  readonly origins: readonly string[]
  /** Every block of the DAG, from this device; called only when the service takes blocks. */
  readonly blocks: () => AsyncIterable<{ readonly cid: string; readonly bytes: Uint8Array<ArrayBuffer> }>
}
