import { toBase32 } from '../../codec/base32.js'
import type { Mark, Pulled, PulledBatch } from './zome-calls.js'

/**
 * Batches beyond an agent's first missing one that are taken. What is in them waits for that one, and there is room for so many events only; gossip
 * brings a long past in any order.
 */
export const MOST_AHEAD = 8
/** A mark that asks for nothing: no agent gets so far. */
const NOTHING = 0xffff_ffff

/** Of one pull: which agents have gone so far ahead of a batch that is missing that nothing more is asked of them. */
export class PullWindow {
  readonly #closed = new Map<string, Mark>()

  /** What to ask for, page by page. */
  asked(marks: readonly Mark[]): readonly Mark[] {
    return marks.map((mark) => (this.#closed.has(toBase32(mark.agent)) ? { ...mark, next: NOTHING, above: [] } : mark))
  }

  /** What of a page is taken, and how far that gets. */
  take({ batches, since }: Pulled): { readonly batches: readonly PulledBatch[]; readonly marks: readonly Mark[] } {
    const left = new Set<PulledBatch>()
    const marks = since.map((mark) => {
      const agent = toBase32(mark.agent)
      const closed = this.#closed.get(agent)
      if (closed !== undefined) return closed
      const ahead = batches.filter((batch) => toBase32(batch.agent) === agent && batch.number >= mark.next + MOST_AHEAD)
      if (ahead.length === 0) return mark
      for (const batch of ahead) left.add(batch)
      const numbers = new Set(ahead.map(({ number }) => number))
      const kept = { ...mark, above: mark.above.filter((number) => !numbers.has(number)) }
      this.#closed.set(agent, kept)
      return kept
    })
    return { batches: batches.filter((batch) => !left.has(batch)), marks }
  }
}
