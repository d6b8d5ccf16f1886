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

const SECOND_HALF = /[\uDC00-\uDFFF]/

/** What of the text that a change has just put in has to go so that `surplus` characters do, last ones first; never anything else. */
export function surplusIn(change: readonly ChangeStep[], surplus: number): readonly Stretch[] {
  const inserted: (Stretch & { readonly text: string })[] = []
  let index = 0
  for (const { insert, retain } of change) {
    const text = typeof insert === 'string' ? insert : ''
    const length = insert === undefined ? 0 : Math.max(1, text.length)
    if (length > 0) inserted.push({ index, length, text })
    index += length + (typeof retain === 'number' ? retain : 0)
  }
  const gone: Stretch[] = []
  let left = surplus
  for (const { index: start, length, text } of inserted.toReversed()) {
    if (left <= 0) break
    // A letter of two code units goes as a whole: Yjs keeps no half of one.
    const cut = Math.min(left, length) + (SECOND_HALF.test(text[length - left] ?? '') ? 1 : 0)
    gone.push({ index: start + length - cut, length: cut })
    left -= cut
  }
  return gone
}
