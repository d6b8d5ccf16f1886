import type { CID } from 'multiformats/cid'
import type { ErrorCode } from '../../errors/codes.js'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { Platform } from '../../platform/platform.js'
import { isOf } from './content-id.js'
import { calledOff, contentDamaged, contentNotFound, contentUnavailable } from './ipfs-errors.js'

/** A block has at most 2 MiB wherever it comes from: https://specs.ipfs.tech/bitswap-protocol/#block-sizes */
export const MOST_BLOCK_BYTES = 2 * 1024 * 1024

/** Who else may have a block. */
export interface BlockSource {
  /** As a sentence begins with it: 'the gateway gateway.example'. */
  readonly name: string
  /**
   * @throws SpiceTimeError CONTENT_NOT_FOUND when it says that it has none, NETWORK_UNAVAILABLE, NETWORK_REFUSED and the like with what it said, ABORTED
   */
  fetch(cid: CID, options: { readonly signal: AbortSignal }): Promise<Uint8Array>
}

export interface BlockSourcesParts {
  readonly platform: Platform
  /** Those to ask first, then the others: all of one rank at once. */
  readonly ranks: () => readonly (readonly BlockSource[])[]
  /** Milliseconds for one block. */
  readonly deadline: number
  /** A block came. */
  readonly onFetched?: () => void
}

/** What a source said when it did not give the block. */
interface Refusal {
  readonly text: string
  readonly code: ErrorCode
}

/** Blocks that are not on this device: asked of whoever the settings name, rank after rank, each with its share of the deadline, each answer checked. */
export class BlockSources {
  readonly #parts: BlockSourcesParts
  /** Blocks that came, and their bytes. */
  readonly counts: { blocks: number; bytes: number } = { blocks: 0, bytes: 0 }

  constructor(parts: BlockSourcesParts) {
    this.#parts = parts
  }

  /** @throws SpiceTimeError CONTENT_NOT_FOUND, CONTENT_UNAVAILABLE, CONTENT_DAMAGED, ABORTED */
  async retrieve(cid: CID, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const ranks = this.#parts.ranks().filter((rank) => rank.length > 0)
    const refusals: Refusal[] = []
    for (const [at, rank] of ranks.entries()) {
      const share = this.#parts.deadline / (ranks.length - at) / (at + 1)
      const found = await this.#ask(cid, rank, { share, refusals, signal })
      if (found === undefined) continue
      this.counts.blocks += 1
      this.counts.bytes += found.byteLength
      this.#parts.onFetched?.()
      return found
    }
    if (signal?.aborted === true) throw calledOff(signal.reason)
    throw failureOf(cid, refusals)
  }

  async #ask(
    cid: CID,
    rank: readonly BlockSource[],
    { share, refusals, signal }: { readonly share: number; readonly refusals: Refusal[]; readonly signal: AbortSignal | undefined },
  ): Promise<Uint8Array | undefined> {
    if (signal?.aborted === true) throw calledOff(signal.reason)
    const ended = new AbortController()
    const abort = (): void => ended.abort(signal?.reason)
    signal?.addEventListener('abort', abort)
    const cancel = this.#parts.platform.after(share, () => ended.abort('late'))
    try {
      return await firstOf(rank.map((source) => checked(source, cid, { signal: ended.signal, late: share, refusals })))
    } finally {
      cancel()
      signal?.removeEventListener('abort', abort)
      ended.abort()
    }
  }
}

/** The first that found something; undefined when none did. */
export function firstOf(asked: readonly Promise<Uint8Array | undefined>[]): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    let left = asked.length
    for (const each of asked) {
      void each.then((bytes) => {
        left -= 1
        if (bytes !== undefined || left === 0) resolve(bytes)
      })
    }
  })
}

/** Never rejects: what went wrong is among the refusals. */
async function checked(
  source: BlockSource,
  cid: CID,
  { signal, late, refusals }: { readonly signal: AbortSignal; readonly late: number; readonly refusals: Refusal[] },
): Promise<Uint8Array | undefined> {
  let abort = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Error('called off'))
    signal.addEventListener('abort', abort)
  })
  try {
    // A source that heeds no signal must not hold up the others.
    const bytes = await Promise.race([source.fetch(cid, { signal }), aborted])
    if (bytes.length <= MOST_BLOCK_BYTES && (await isOf(cid, bytes))) return bytes
    refusals.push({ text: `${source.name} gave bytes that are not those of the block`, code: 'CONTENT_DAMAGED' })
  } catch (error) {
    const timeout = signal.reason === 'late'
    const said = timeout ? `did not answer within ${late / 1000} s` : error instanceof Error ? error.message : String(error)
    refusals.push({ text: `${source.name} ${said}`, code: !timeout && isSpiceTimeError(error) ? error.code : 'NETWORK_UNAVAILABLE' })
  } finally {
    signal.removeEventListener('abort', abort)
  }
  return undefined
}

function failureOf(cid: CID, refusals: readonly Refusal[]): Error {
  const said = refusals.map(({ text }) => text)
  if (refusals.every(({ code }) => code === 'CONTENT_NOT_FOUND')) return contentNotFound(cid.toString(), said)
  if (refusals.every(({ code }) => code === 'CONTENT_DAMAGED' || code === 'CONTENT_NOT_FOUND'))
    return contentDamaged(cid.toString(), said.join('; '))
  return contentUnavailable(cid.toString(), said)
}
