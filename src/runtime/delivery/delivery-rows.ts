import { decodeItems, encode } from '../codec/dag-cbor.js'
import type { DeliveryPhase } from '../model/decision.js'
import { isLevel } from '../model/network.js'
import type { Level } from '../model/network.js'

/** What is stored of an event's deliveries when it is logged; one record serves a run of events that are for this device alone. */
export interface DeliveryRecord {
  /** Position of the first event of the run, and of the last. */
  readonly first: number
  readonly last: number
  /** Number of the decision. */
  readonly decision: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly maxCost?: number
  readonly deadline?: number
}

export function encodeRecord({ first, decision, at, maxCost, deadline }: DeliveryRecord): Uint8Array {
  return encode(
    maxCost === undefined && deadline === undefined ? [first, decision, at] : [first, decision, at, maxCost ?? null, deadline ?? null],
  )
}

export function decodeRecord(last: number, row: Uint8Array): DeliveryRecord | undefined {
  const [first, decision, at, maxCost, deadline] = decodeItems(row)
  if (typeof first !== 'number' || typeof decision !== 'number' || typeof at !== 'number') return undefined
  return {
    first,
    last,
    decision,
    at,
    ...(typeof maxCost === 'number' ? { maxCost } : {}),
    ...(typeof deadline === 'number' ? { deadline } : {}),
  }
}

/** A delivery that waits, as stored: how often it was tried, when it is tried again and why it waits. */
export interface QueuedRow {
  readonly attempts: number
  readonly retryAt: number
  readonly reason: string
}

export const FRESH: QueuedRow = { attempts: 0, retryAt: 0, reason: '' }
export const FRESH_ROW: Uint8Array = encodeQueued(FRESH)

export function encodeQueued({ attempts, retryAt, reason }: QueuedRow): Uint8Array {
  return encode([attempts, retryAt, reason])
}

export function decodeQueued(row: Uint8Array): QueuedRow {
  const [attempts, retryAt, reason] = decodeItems(row)
  return typeof attempts === 'number' && typeof retryAt === 'number' && typeof reason === 'string' ? { attempts, retryAt, reason } : FRESH
}

/** A delivery that ended, as stored. */
export interface EndedRow {
  readonly phase: Exclude<DeliveryPhase, 'queued' | 'sending'>
  readonly attempts: number
  readonly level?: Level
  readonly reason?: string
}

export function encodeEnded({ phase, attempts, level, reason }: EndedRow): Uint8Array {
  return encode([phase, attempts, level ?? null, reason ?? null])
}

export function decodeEnded(row: Uint8Array): EndedRow | undefined {
  const [phase, attempts, level, reason] = decodeItems(row)
  if ((phase !== 'delivered' && phase !== 'refused' && phase !== 'expired') || typeof attempts !== 'number') return undefined
  return { phase, attempts, ...(isLevel(level) ? { level } : {}), ...(typeof reason === 'string' ? { reason } : {}) }
}
