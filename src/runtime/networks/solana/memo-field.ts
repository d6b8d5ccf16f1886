const PREFIX = /^\[(\d{1,5})\] $/
const MOST_PREFIX = 8
const SEPARATOR = '; '
const utf8 = new TextEncoder()
/** A byte order mark is a character like any other. */
const text = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * The memos of a transaction as `getSignaturesForAddress` writes them: `[bytes] text`, several joined by `; `. What is inside a memo can look
 * like a separator, so the lengths alone decide. Undefined where they do not add up: then only the transaction itself can tell.
 */
export function memosInField(field: string): readonly string[] | undefined {
  const bytes = utf8.encode(field)
  const memos: string[] = []
  for (let at = 0; at < bytes.length;) {
    if (memos.length > 0) {
      if (text.decode(bytes.subarray(at, at + SEPARATOR.length)) !== SEPARATOR) return undefined
      at += SEPARATOR.length
    }
    const space = bytes.indexOf(0x20, at)
    if (space < 0 || space - at > MOST_PREFIX) return undefined
    const length = PREFIX.exec(text.decode(bytes.subarray(at, space + 1)))?.[1]
    if (length === undefined) return undefined
    const start = space + 1
    at = start + Number(length)
    if (at > bytes.length) return undefined
    memos.push(text.decode(bytes.subarray(start, at)))
  }
  return memos
}
