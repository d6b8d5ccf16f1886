/** The only way to time and randomness: tests drive it by hand (`testing/manual-platform.ts`). */
export interface Platform {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds from an arbitrary start, never going back. */
  monotonic(): number
  randomBytes(length: number): Uint8Array<ArrayBuffer>
  /** Calls back once after that many milliseconds; the returned function calls it off. */
  after(milliseconds: number, callback: () => void): () => void
}
