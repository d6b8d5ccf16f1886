/** A step of a change, as Quill has them: what it removes is of no matter. */
export interface ChangeStep {
  readonly insert?: unknown
  readonly retain?: unknown
}

/** A stretch of a text. */
export interface Stretch {
  readonly index: number
  readonly length: number
}

/** What of the text that a change has just put in has to go so that `surplus` characters do, last ones first; never anything else. */
export function surplusIn(change: readonly ChangeStep[], surplus: number): readonly Stretch[] {
  const inserted: Stretch[] = []
  let index = 0
  for (const { insert, retain } of change) {
    const length = typeof insert === 'string' ? insert.length : insert === undefined ? 0 : 1
    if (length > 0) inserted.push({ index, length })
    index += length + (typeof retain === 'number' ? retain : 0)
  }
  const gone: Stretch[] = []
  let left = surplus
  for (const { index: start, length } of inserted.toReversed()) {
    if (left <= 0) break
    const cut = Math.min(left, length)
    gone.push({ index: start + length - cut, length: cut })
    left -= cut
  }
  return gone
}
