import { decodeText, encodeText } from '../codec/text.js'
import type { EventId } from '../model/event.js'
import { positionKey } from '../model/position.js'

/**
 * Where an event is to be found: `position`, or `position/EventId` of the one that superseded it. Then whoever asks for the superseded
 * event is led to what took its place.
 */
export interface PositionRow {
  readonly position: number
  readonly by?: EventId
}

const DIGITS = 10

export function encodePositionRow({ position, by }: PositionRow): Uint8Array {
  return encodeText(by === undefined ? positionKey(position) : `${positionKey(position)}/${by}`)
}

export function decodePositionRow(row: Uint8Array): PositionRow {
  const text = decodeText(row)
  const position = Number(text.slice(0, DIGITS))
  return text.length === DIGITS ? { position } : { position, by: text.slice(DIGITS + 1) as EventId }
}
