import { parseEventId } from './codec/event-id.js'
import { SpiceTimeError } from './errors/spice-time-error.js'
import type { ReceiptApplier } from './events/event-applier.js'
import type { EventId } from './model/event.js'
import { isLevel, levelRank } from './model/network.js'
import type { Level } from './model/network.js'
import type { Standing, Trace } from './model/trace.js'
import type { WaitOptions } from './runtime-client.js'

export interface ReachingParts {
  trace(id: string): Promise<Trace>
  standingOf(id: EventId): Promise<Standing | undefined>
  /** Why the event can't get to that level any more; undefined while it can. */
  hopeless(trace: Trace, level: Level): string | undefined
}

interface Waiter {
  readonly id: EventId
  readonly level: Level
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Waits for levels: looks again whenever receipts were committed or a delivery ended. */
export class Reaching implements ReceiptApplier {
  readonly #parts: ReachingParts
  readonly #waiters = new Set<Waiter>()
  #again = false
  #looking = false

  constructor(parts: ReachingParts) {
    this.#parts = parts
  }

  /** @throws SpiceTimeError LEVEL_UNREACHABLE, CONFLICT (with the winner's EventId), EVENT_UNKNOWN, INPUT_MALFORMED, ABORTED */
  async reached(text: string, level: Level, { signal }: WaitOptions = {}): Promise<void> {
    const id = parseEventId(text)
    if (!isLevel(level))
      throw new SpiceTimeError('INPUT_MALFORMED', `'${String(level)}' is no level. Use local, sent, shared, confirmed or final.`)
    if (signal?.aborted === true) throw aborted(id, signal)
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => settle(() => reject(aborted(id, signal)))
      const waiter: Waiter = { id, level, resolve: () => settle(resolve), reject: (error) => settle(() => reject(error)) }
      const settle = (end: () => void): void => {
        this.#waiters.delete(waiter)
        signal?.removeEventListener('abort', abort)
        end()
      }
      signal?.addEventListener('abort', abort)
      this.#waiters.add(waiter)
      void this.#look(waiter)
    })
  }

  applyReceipts(): void {
    // Nothing to write: only what is durable is looked at.
  }

  committedReceipts(): void {
    this.lookAgain()
  }

  rolledBack(): void {
    // What waits goes on waiting.
  }

  /** One round at a time: of all that happens during a round, one more takes note, however many wait and however much happens. */
  lookAgain(): void {
    this.#again = true
    if (!this.#looking) void this.#lookAtAll()
  }

  close(): void {
    for (const waiter of this.#waiters)
      waiter.reject(
        new SpiceTimeError('RUNTIME_CLOSED', 'The runtime was closed while waiting for a level. Connect again.', { event: waiter.id }),
      )
  }

  async #lookAtAll(): Promise<void> {
    this.#looking = true
    while (this.#again) {
      this.#again = false
      for (const waiter of [...this.#waiters]) if (this.#waiters.has(waiter)) await this.#look(waiter)
    }
    this.#looking = false
  }

  async #look(waiter: Waiter): Promise<void> {
    try {
      const trace = await this.#parts.trace(waiter.id)
      if (trace.standing.kind === 'rejected') throw rejected(waiter, trace.standing)
      if (levelRank(trace.level) >= levelRank(waiter.level)) return waiter.resolve()
      const why = this.#parts.hopeless(trace, waiter.level)
      if (why !== undefined) throw unreachable(waiter, why)
    } catch (error) {
      if (!(await this.#waits(waiter.id))) waiter.reject(error)
    }
  }

  /** Whether the event may still come to be applied; a store that can't tell any more has nothing that could. */
  async #waits(id: EventId): Promise<boolean> {
    try {
      return (await this.#parts.standingOf(id))?.kind === 'waiting'
    } catch {
      return false
    }
  }
}

/** Who lost a race is told of it as such, and to whom. */
function rejected(waiter: Waiter, { code, reason, winner }: Extract<Standing, { kind: 'rejected' }>): SpiceTimeError {
  if (code !== 'CONFLICT') return unreachable(waiter, reason)
  return new SpiceTimeError('CONFLICT', `The event ${waiter.id} lost a race: ${reason} Read the state again and decide anew.`, {
    event: waiter.id,
    ...(winner === undefined ? {} : { winner }),
  })
}

function unreachable({ id, level }: Waiter, why: string): SpiceTimeError {
  return new SpiceTimeError('LEVEL_UNREACHABLE', `The event ${id} can't become '${level}': ${why}`, { event: id, level })
}

function aborted(id: EventId, signal: AbortSignal | undefined): SpiceTimeError {
  return new SpiceTimeError('ABORTED', `Waiting for the event ${id} was called off.`, { event: id }, signal?.reason)
}
