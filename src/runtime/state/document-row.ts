import { decodeItems, encodeBehind } from '../codec/dag-cbor.js'
import { decodeOwnValue } from '../codec/value.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { EventId, HybridTime } from '../model/event.js'
import { isNetwork, LEVELS, levelRank } from '../model/network.js'
import type { Level, Network } from '../model/network.js'
import { MERGE_POLICIES } from '../model/state.js'
import type { MergePolicy, NetworkState } from '../model/state.js'
import type { Value, ValueMap } from '../model/value.js'
import { NO_LEVELS } from './levels.js'
import type { LevelCounts } from './levels.js'

/** What is kept of a document beside its value. */
export interface DocumentHeader {
  readonly policy: MergePolicy
  readonly heads: readonly EventId[]
  /** What `expect` must name in a consensus document. */
  readonly orderedHead: EventId | undefined
  readonly levels: LevelCounts
  /** Events before this position no longer shape the value: a later one replaced the whole document. */
  readonly shapedSince: number
  readonly lastPosition: number
  readonly lastWriter: { readonly time: HybridTime; readonly id: EventId }
  readonly pending: readonly EventId[]
  readonly networks: { readonly [N in Network]?: NetworkState }
  readonly updatedAt: number
  readonly level: Level
}

/**
 * A document in the store: `version (1), level (u8), updatedAt (f64), value length (u32), value (dag-cbor), header (dag-cbor)`. From `level` to
 * the end of the value it is what a listing hands to the page as it is; a length of 0 means that nothing is there.
 */
const VERSION = 1
const PREFIX_BYTES = 14

export function encodeDocumentRow(value: Value | undefined, header: DocumentHeader): Uint8Array<ArrayBuffer> {
  const { bytes: row, end } = encodeBehind(PREFIX_BYTES, value, [
    MERGE_POLICIES.indexOf(header.policy),
    header.heads,
    header.orderedHead ?? null,
    header.levels,
    header.shapedSince,
    header.lastPosition,
    header.lastWriter.time,
    header.lastWriter.id,
    header.pending,
    networksToValue(header.networks),
  ])
  const view = new DataView(row.buffer)
  row[0] = VERSION
  row[1] = levelRank(header.level)
  view.setFloat64(2, header.updatedAt)
  view.setUint32(10, end - PREFIX_BYTES)
  return row
}

/** @throws SpiceTimeError RECORD_DAMAGED */
export function decodeDocumentRow(path: string, row: Uint8Array): { readonly value: Value | undefined; readonly header: DocumentHeader } {
  const view = viewOf(path, row)
  const end = PREFIX_BYTES + view.getUint32(10)
  return {
    value: end === PREFIX_BYTES ? undefined : decodeOwnValue(row.subarray(PREFIX_BYTES, end)),
    header: parseHeader(decodeItems(row.subarray(end)), { level: LEVELS[row[1] ?? 0] ?? 'local', updatedAt: view.getFloat64(2) }),
  }
}

/** The part of a row that a listing packs: level, time, value length and value; undefined when nothing is there. */
export function packedPart(path: string, row: Uint8Array): Uint8Array | undefined {
  const length = viewOf(path, row).getUint32(10)
  return length === 0 ? undefined : row.subarray(1, PREFIX_BYTES + length)
}

function viewOf(path: string, row: Uint8Array): DataView {
  if (row[0] !== VERSION || row.length < PREFIX_BYTES) throw damaged(path)
  return new DataView(row.buffer, row.byteOffset, row.byteLength)
}

function parseHeader(fields: readonly Value[], head: { readonly level: Level; readonly updatedAt: number }): DocumentHeader {
  const [policy, heads, orderedHead, levels, shapedSince, lastPosition, time, id, pending, networks] = fields
  return {
    policy: MERGE_POLICIES[numberOr(policy, -1)] ?? 'team',
    heads: idList(heads),
    orderedHead: typeof orderedHead === 'string' ? (orderedHead as EventId) : undefined,
    levels: isCounts(levels) ? levels : NO_LEVELS,
    shapedSince: numberOr(shapedSince, 0),
    lastPosition: numberOr(lastPosition, 0),
    lastWriter: { time: numberOr(time, 0), id: (typeof id === 'string' ? id : '') as EventId },
    pending: idList(pending),
    networks: parseNetworks(networks),
    ...head,
  }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

function idList(value: unknown): readonly EventId[] {
  return Array.isArray(value) ? value.filter((item): item is EventId => typeof item === 'string') : []
}

function isCounts(value: unknown): value is LevelCounts {
  return Array.isArray(value) && value.length === NO_LEVELS.length && value.every((count) => typeof count === 'number')
}

function networksToValue(networks: DocumentHeader['networks']): ValueMap {
  return Object.fromEntries(Object.entries(networks).map(([network, { level, reference, at }]) => [network, { level, reference, at }]))
}

function parseNetworks(value: unknown): DocumentHeader['networks'] {
  const networks: { [N in Network]?: NetworkState } = {}
  if (typeof value !== 'object' || value === null) return networks
  for (const [network, state] of Object.entries(value)) {
    if (isNetwork(network) && isNetworkState(state)) networks[network] = state
  }
  return networks
}

function isNetworkState(value: unknown): value is NetworkState {
  return typeof value === 'object' && value !== null && 'level' in value && 'reference' in value && 'at' in value
}

function damaged(path: string): SpiceTimeError {
  return new SpiceTimeError('RECORD_DAMAGED', `The stored state of '${path}' can not be read; it is folded anew from its events.`, { path })
}
