import { depthFirstWalker } from '@helia/utils'
import type { Helia } from 'helia'
import { createUnsafe } from 'multiformats/block'
import type { CID } from 'multiformats/cid'

/** What one pin may ask for at most. */
export interface DagLimits {
  readonly blocks: number
  readonly bytes: number
  /** Milliseconds until somebody gives a block. */
  readonly blockDeadline: number
  /** Milliseconds for all of them. */
  readonly deadline: number
}

export const DAG_LIMITS: DagLimits = { blocks: 65_536, bytes: 8 * 1024 ** 3, blockDeadline: 30_000, deadline: 3_600_000 }

/** A block has at most 2 MiB wherever it comes from: https://specs.ipfs.tech/bitswap-protocol/#block-sizes */
const MOST_BLOCK_BYTES = 2 * 1024 * 1024
/** With as many pins as run at once, all of the largest blocks, it is what a peer's stream may hold (`helia-peer.ts`). */
const LOADED_AT_ONCE = 4
/**
 * Milliseconds after which a block is asked for anew: bitswap never sends a want that comes just while an earlier one for the same block is being crossed off,
 * as another pin's may be. The pause is longer than crossing off takes.
 */
const ATTEMPT = 2_000
const PAUSE = 100

type Walker = NonNullable<NonNullable<Parameters<Helia['pins']['add']>[1]>['walker']>

interface DagFetch {
  readonly helia: Helia
  readonly limits: DagLimits
  readonly signal: AbortSignal
}

interface WholeFetch extends DagFetch {
  /** Told of each block's bytes; what it throws ends the fetch. */
  readonly onBytes: (bytes: number) => void
}

/** Gets every block of a DAG that is not here from whoever is connected. Returns how many bytes they have. @throws Error that says in a sentence why not */
export async function fetchDag(root: CID, { helia, limits, signal, onBytes }: WholeFetch): Promise<number> {
  const ended = new AbortController()
  const whole = AbortSignal.any([signal, ended.signal, AbortSignal.timeout(limits.deadline)])
  let bytes = 0
  const load = async (cid: CID): Promise<readonly CID[]> => {
    const block = await loadBlock(cid, { helia, limits, signal: whole })
    bytes += block.length
    if (bytes > limits.bytes) throw new Error(`It has more than the ${limits.bytes} bytes that one pin may have.`)
    onBytes(block.length)
    return await linksOf(helia, cid, block)
  }
  try {
    await walk(root, load, limits.blocks)
    return bytes
  } catch (error) {
    // What was being loaded beside the block that failed is not wanted any more. After the last one, Helia may still be telling others of it.
    ended.abort()
    throw error
  }
}

/** Whether every block of a DAG is here. */
export async function isWhole(root: CID, helia: Helia): Promise<boolean> {
  const signal = new AbortController().signal
  const load = async (cid: CID): Promise<readonly CID[]> => {
    if (!(await helia.blockstore.has(cid))) throw new Error('It lacks a block.')
    return cid.code === RAW ? [] : await linksOf(helia, cid, await readBlock(cid, helia, { offline: true, signal }))
  }
  try {
    await walk(root, load, Infinity)
    return true
  } catch {
    return false
  }
}

/** Helia's own walker comes to a block by every way that leads there, of which a small DAG can have more than there is time for. */
export const walkOnce: Walker = (components) => {
  const walker = depthFirstWalker()(components)
  return {
    walk(root, options) {
      const seen = new Set([root.toString()])
      const isNew = (child: CID): boolean => !seen.has(child.toString()) && seen.add(child.toString()).size > 0
      return walker.walk(root, { ...options, includeChild: isNew })
    },
  }
}

const RAW = 0x55

/** Each block once, several at a time; deeper ones first, so that little is open at a time. */
async function walk(root: CID, load: (cid: CID) => Promise<readonly CID[]>, most: number): Promise<void> {
  const seen = new Set([root.toString()])
  const open = [root]
  while (open.length > 0) {
    const links = await Promise.all(open.splice(-LOADED_AT_ONCE).map(load))
    for (const link of links.flat()) {
      const name = link.toString()
      if (seen.has(name)) continue
      seen.add(name)
      if (seen.size > most) throw new Error(`It has more than the ${most} blocks that one pin may have.`)
      open.push(link)
    }
  }
}

async function loadBlock(cid: CID, { helia, limits, signal }: DagFetch): Promise<Uint8Array> {
  const patience = AbortSignal.timeout(limits.blockDeadline)
  for (;;) {
    const attempt = AbortSignal.timeout(ATTEMPT)
    try {
      return await readBlock(cid, helia, { signal: AbortSignal.any([signal, patience, attempt]) })
    } catch (error) {
      if (patience.aborted && !signal.aborted)
        throw new Error(`Nobody who is connected gave the block ${cid.toString()} within ${limits.blockDeadline / 1000} s.`, {
          cause: error,
        })
      if (signal.aborted || !attempt.aborted) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}

/** @throws Error where it is larger than a block may be, or, offline, is not here */
export async function readBlock(
  cid: CID,
  helia: Helia,
  options: { readonly signal: AbortSignal; readonly offline?: boolean },
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of helia.blockstore.get(cid, options)) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes > MOST_BLOCK_BYTES)
      throw new Error(`The block ${cid.toString()} has more than the ${MOST_BLOCK_BYTES} bytes that one may have.`)
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : new Uint8Array(Buffer.concat(pieces))
}

async function linksOf(helia: Helia, cid: CID, bytes: Uint8Array): Promise<readonly CID[]> {
  if (cid.code === RAW) return []
  const block = createUnsafe({ cid, bytes, codec: await helia.getCodec(cid.code) })
  return [...block.links()].map(([, link]) => link)
}
