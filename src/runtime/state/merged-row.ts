/** The updates of a team document up to a position, merged: `position (u40), Yjs update V2 of the whole document`. */
export interface MergedRow {
  readonly position: number
  readonly update: Uint8Array
}

const POSITION_BYTES = 5

export function encodeMerged({ position, update }: MergedRow): Uint8Array {
  const row = new Uint8Array(POSITION_BYTES + update.length)
  let rest = position
  for (let index = POSITION_BYTES - 1; index >= 0; index--) {
    row[index] = rest % 256
    rest = Math.floor(rest / 256)
  }
  row.set(update, POSITION_BYTES)
  return row
}

export function decodeMerged(row: Uint8Array): MergedRow {
  return {
    position: row.subarray(0, POSITION_BYTES).reduce((sum, byte) => sum * 256 + byte, 0),
    update: row.subarray(POSITION_BYTES),
  }
}
