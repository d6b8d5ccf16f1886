import { fromBase32, toBase32 } from '../../codec/base32.js'
import { decodeFields, encode } from '../../codec/dag-cbor.js'
import type { NetworkRows } from '../provider-parts.js'
import { encodeSignal } from './signals.js'
import { parseMark } from './zome-calls.js'
import type { Mark, ZomeCalls } from './zome-calls.js'

/** How far a member got with batches of another's. */
export type TakenMark = Pick<Mark, 'next' | 'above'>

/** A space's cell, as far as it is needed to say something there. */
interface Mouth {
  readonly agent: Uint8Array
  readonly calls: Pick<ZomeCalls, 'sendSignal'>
}

/**
 * What members say that they have of this device's batches in one space, and what this device says of theirs. A node sends a receipt only for what it got by a publish and not for what gossip brought
 * (docs/decisions/0018): who has taken a batch says so itself.
 */
export class ToldMarks {
  readonly #rows: NetworkRows
  readonly #prefix: string
  /** What this device has of others. */
  #taken: readonly Mark[] = []

  constructor(rows: NetworkRows, space: string) {
    this.#rows = rows
    this.#prefix = `told/${space}/`
  }

  /** @returns whether the member has more than it was known to have */
  async hear(agent: Uint8Array, mark: TakenMark): Promise<boolean> {
    const key = this.#prefix + toBase32(agent)
    const row = await this.#rows.get(key)
    if (row !== undefined && !isFurther(markIn(agent, row), mark)) return false
    await this.#rows.write([[key, encode({ next: mark.next, above: mark.above })]])
    return true
  }

  /** Agents that have taken the batch of this number, for each number that is asked for. */
  async holders(): Promise<(number: number) => readonly Uint8Array[]> {
    const rows = await this.#rows.list(this.#prefix)
    const marks = rows.map(([key, row]) => markIn(fromBase32(key.slice(this.#prefix.length)), row))
    return (number) => marks.filter(({ next, above }) => number < next || above.includes(number)).map(({ agent }) => agent)
  }

  /** The chain that the marks speak of is gone. */
  async forget(): Promise<void> {
    const rows = await this.#rows.list(this.#prefix)
    await this.#rows.write(rows.map(([key]) => [key, undefined]))
  }

  /** Tells the authors of what a pull brought how far this device has come; hints, as all signals. */
  took(marks: readonly Mark[], cell: Mouth): void {
    const before = new Map(this.#taken.map((mark) => [toBase32(mark.agent), mark]))
    this.#taken = marks
    for (const mark of marks) {
      const known = before.get(toBase32(mark.agent))
      if (toBase32(mark.agent) === toBase32(cell.agent) || (known !== undefined && !isFurther(known, mark))) continue
      say(mark, cell)
    }
  }

  /** Answers a member who asks what this device has of his. */
  answer(agent: Uint8Array, cell: Mouth): void {
    const name = toBase32(agent)
    const mark = this.#taken.find((one) => toBase32(one.agent) === name)
    if (mark !== undefined) say(mark, cell)
  }
}

/** To the author of the batches that the mark speaks of. */
function say({ agent, next, above }: Mark, { calls }: Mouth): void {
  calls.sendSignal(encodeSignal({ kind: 'mark', next, above }), [agent]).catch(() => undefined)
}

function isFurther(known: TakenMark, mark: TakenMark): boolean {
  return mark.next > known.next || (mark.next === known.next && mark.above.length > known.above.length)
}

function markIn(agent: Uint8Array, row: Uint8Array): Mark {
  return parseMark({ agent, ...decodeFields(row) })
}
