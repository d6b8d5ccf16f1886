import { fromBase32, toBase32 } from '../../codec/base32.js'
import { decodeFields, encode } from '../../codec/dag-cbor.js'
import type { Platform } from '../../platform/platform.js'
import type { NetworkRows } from '../provider-parts.js'
import { encodeSignal } from './signals.js'
import { parseMark } from './zome-calls.js'
import type { Mark, ZomeCalls } from './zome-calls.js'

/** How far a member got with batches of another's. */
export type TakenMark = Pick<Mark, 'next' | 'above'>

/** A space's cell, as far as it is needed to say something there. */
export interface Mouth {
  readonly agent: Uint8Array
  readonly calls: Pick<ZomeCalls, 'sendSignal'>
}

interface ToldParts {
  readonly platform: Platform
  readonly rows: NetworkRows
  readonly space: string
  /** Somebody has more than he was known to have. */
  readonly onFurther: () => void
  readonly onFailed: (error: unknown) => void
}

/** Milliseconds between two answers to one member who asks. */
const ANSWER_EVERY = 1_000
/** Milliseconds between two writes of what members say. */
const WRITE_EVERY = 250
/** Members of whom something is kept, and who are answered in one second: far more than are online in a space that works. */
const MOST_MEMBERS = 1024
/** Marks that wait for a write. */
const MOST_WAITING = 64

/**
 * What members say that they have of this device's batches in one space, and what this device says of theirs. A node sends a receipt only for what it got by a publish and not for what gossip brought
 * (docs/decisions/0018): who has taken a batch says so itself. However much a member says or asks, it costs this device a few writes and answers a second.
 */
export class ToldMarks {
  /** Marks that were too many to keep. */
  dropped = 0
  readonly #parts: ToldParts
  readonly #prefix: string
  /** What this device has of others. */
  #taken: readonly Mark[] = []
  /** By member: when he was last answered. */
  readonly #answered = new Map<string, number>()
  /** By row: what was said since the last write. */
  readonly #waiting = new Map<string, TakenMark>()
  #writing: Promise<void> = Promise.resolve()
  #writtenAt = -Infinity
  #cancel: (() => void) | undefined

  constructor(parts: ToldParts) {
    this.#parts = parts
    this.#prefix = `told/${parts.space}/`
  }

  /** Resolves once it is kept, or, where something was kept just now, once it waits with what else is said until then. @throws SpiceTimeError as the rows fail */
  async hear(agent: Uint8Array, mark: TakenMark): Promise<void> {
    const key = this.#prefix + toBase32(agent)
    const known = this.#waiting.get(key)
    if (known === undefined && this.#waiting.size >= MOST_WAITING) {
      this.dropped += 1
      return
    }
    if (known === undefined || isFurther(known, mark)) this.#waiting.set(key, { next: mark.next, above: mark.above })
    const wait = this.#writtenAt + WRITE_EVERY - this.#parts.platform.monotonic()
    if (wait <= 0) return await this.#write()
    this.#cancel ??= this.#parts.platform.after(wait, () => {
      this.#write().catch(this.#parts.onFailed)
    })
  }

  /** What waits is not kept: it is said again to who asks. */
  async stop(): Promise<void> {
    this.#cancel?.()
    this.#waiting.clear()
    await this.#writing
  }

  /** Agents that have taken the batch of this number, for each number that is asked for. */
  async holders(): Promise<(number: number) => readonly Uint8Array[]> {
    const rows = await this.#parts.rows.list(this.#prefix)
    const marks = rows.map(([key, row]) => this.#markIn(key, row))
    return (number) => marks.filter(({ next, above }) => number < next || above.includes(number)).map(({ agent }) => agent)
  }

  /** The chain that the marks speak of is gone. */
  async forget(): Promise<void> {
    this.#waiting.clear()
    await this.#writing
    const rows = await this.#parts.rows.list(this.#prefix)
    await this.#parts.rows.write(rows.map(([key]) => [key, undefined]))
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

  /** Answers a member who asks what this device has of his, once a second: what it takes meanwhile it says by itself. */
  answer(agent: Uint8Array, cell: Mouth): void {
    const name = toBase32(agent)
    const mark = this.#taken.find((one) => toBase32(one.agent) === name)
    if (mark !== undefined && this.#mayAnswer(name)) say(mark, cell)
  }

  #mayAnswer(name: string): boolean {
    const now = this.#parts.platform.monotonic()
    for (const [member, at] of this.#answered) {
      // In the order in which they were answered.
      if (now - at < ANSWER_EVERY) break
      this.#answered.delete(member)
    }
    if (this.#answered.has(name) || this.#answered.size >= MOST_MEMBERS) return false
    this.#answered.set(name, now)
    return true
  }

  async #write(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    this.#writtenAt = this.#parts.platform.monotonic()
    // One after another: of two, the later one knows what the earlier one wrote.
    const writing = this.#writing.then(() => this.#writeFurther())
    this.#writing = writing.catch(() => undefined)
    await writing
  }

  async #writeFurther(): Promise<void> {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    const rows = new Map(await this.#parts.rows.list(this.#prefix))
    const further = waiting.filter(([key, mark]) => {
      const row = rows.get(key)
      return row === undefined || isFurther(this.#markIn(key, row), mark)
    })
    const room = MOST_MEMBERS - rows.size
    let added = 0
    const kept = further.filter(([key]) => rows.has(key) || ++added <= room)
    this.dropped += further.length - kept.length
    if (kept.length === 0) return
    await this.#parts.rows.write(kept.map(([key, mark]) => [key, encode(mark)]))
    this.#parts.onFurther()
  }

  #markIn(key: string, row: Uint8Array): Mark {
    return parseMark({ agent: fromBase32(key.slice(this.#prefix.length)), ...decodeFields(row) })
  }
}

/** To the author of the batches that the mark speaks of. */
function say({ agent, next, above }: Mark, { calls }: Mouth): void {
  calls.sendSignal(encodeSignal({ kind: 'mark', next, above }), [agent]).catch(() => undefined)
}

function isFurther(known: TakenMark, mark: TakenMark): boolean {
  return mark.next > known.next || (mark.next === known.next && mark.above.length > known.above.length)
}
