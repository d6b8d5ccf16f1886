/** A position in the event log as part of a key: ten digits, so that keys sort as positions do. */
export function positionKey(position: number): string {
  return String(position).padStart(10, '0')
}

export const MAX_POSITION = 9_999_999_999
