import type { Diagnostics } from './diagnostics/diagnostics.js'
import { asSpiceTimeError, isSpiceTimeError } from './errors/spice-time-error.js'
import type { SpiceTimeError } from './errors/spice-time-error.js'
import type { ContentLists } from './event-lists.js'
import type { BodyOutcome, BodyWish } from './events/event-processor.js'
import type { EventIntake } from './events/event-applier.js'
import type { BodyReference, Event, EventBody, EventId } from './model/event.js'
import type { Platform } from './platform/platform.js'

export interface BodySearchParts {
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly intake: EventIntake
  readonly contents: () => Promise<ContentLists>
  /** The block that an event names. @throws SpiceTimeError why it can't be had now */
  readonly load: (event: NamingEvent, signal: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>
  /** @throws SpiceTimeError why the block is no body of the event, on any device and for ever */
  readonly read: (event: Event, block: Uint8Array<ArrayBuffer>) => Promise<EventBody>
}

type NamingEvent = Event & { readonly bodyCid: BodyReference }

interface Search {
  readonly wish: BodyWish & { readonly event: NamingEvent }
  outcome: BodyOutcome | { readonly kind: 'refused'; readonly error: SpiceTimeError }
  phase: 'waiting' | 'running' | 'resting'
  tries: number
  /** Whether its event was brought in again and still waits. */
  asked: boolean
  cancelRest: () => void
}

/** Bodies that are looked for at once. */
const AT_ONCE = 4
/** Searches that are kept, resting ones too, and of one author: who names bodies that nobody has takes no other's turn. */
const MOST_SEARCHES = 256
const MOST_OF_AUTHOR = 64
/** Milliseconds until what found no place among them asks again. */
const NO_PLACE_REST = 60_000
/** Milliseconds for one try. */
const DEADLINE = 20_000
/** Milliseconds until the second try, and at most between two. */
const FIRST_REST = 2_000
const LONGEST_REST = 300_000

/**
 * Looks for the bodies of events that wait for nothing else, ever less often, and at once when a network that keeps content changes. Each time that
 * something is known the event is brought in again, so that what becomes of it is one transaction of the intake's.
 */
export class BodySearch {
  readonly #parts: BodySearchParts
  readonly #searches = new Map<EventId, Search>()
  readonly #ended = new AbortController()
  #running = 0
  #undo: Promise<() => void> | undefined

  constructor(parts: BodySearchParts) {
    this.#parts = parts
  }

  /** @throws SpiceTimeError why what was found is no body of that event */
  ask({ event, network }: BodyWish): BodyOutcome {
    const { bodyCid } = event
    if (bodyCid === undefined) return { kind: 'here', body: event.body }
    const known = this.#searches.get(event.id)
    if (known === undefined && !this.#hasPlaceFor(event)) {
      const until = this.#parts.platform.now() + NO_PLACE_REST
      return { kind: 'missing', reason: 'Too many bodies are looked for already; this one is in a while.', until }
    }
    const search = known ?? this.#begin({ event: { ...event, bodyCid }, network })
    search.asked = true
    if (search.outcome.kind === 'refused') throw search.outcome.error
    return search.outcome
  }

  close(): void {
    this.#ended.abort()
    for (const { cancelRest } of this.#searches.values()) cancelRest()
    void this.#undo?.then((undo) => undo())
  }

  #hasPlaceFor({ author }: Event): boolean {
    let own = 0
    for (const { wish } of this.#searches.values()) if (wish.event.author === author) own++
    return own < MOST_OF_AUTHOR && this.#searches.size < MOST_SEARCHES
  }

  #begin(wish: Search['wish']): Search {
    const outcome = { kind: 'missing', reason: `${nameOf(wish.event)} is being fetched.` } as const
    const search: Search = { wish, outcome, phase: 'waiting', tries: 0, asked: true, cancelRest: () => undefined }
    this.#searches.set(wish.event.id, search)
    this.#undo ??= this.#parts.contents().then(
      (contents) => contents.onChange(() => this.#lookAgain()),
      // The search itself says why, in the reason that its event waits for.
      () => () => undefined,
    )
    this.#next()
    return search
  }

  /** A network that keeps content came, or went. */
  #lookAgain(): void {
    for (const search of this.#searches.values()) if (search.phase === 'resting') this.#wake(search)
  }

  #wake(search: Search): void {
    search.cancelRest()
    search.phase = 'waiting'
    this.#next()
  }

  #next(): void {
    // New ones first: what nobody had before does not keep them waiting.
    const waiting = [...this.#searches.values()].filter(({ phase }) => phase === 'waiting').toSorted((a, b) => a.tries - b.tries)
    for (const search of waiting) {
      if (this.#running >= AT_ONCE || this.#ended.signal.aborted) return
      search.phase = 'running'
      this.#running++
      void this.#run(search).finally(() => {
        this.#running--
        this.#next()
      })
    }
  }

  /** The one owner of this background task. Never rejects. */
  async #run(search: Search): Promise<void> {
    const { event, network } = search.wish
    search.outcome = await this.#look(event)
    if (this.#ended.signal.aborted) return
    search.asked = false
    search.tries++
    let written = true
    try {
      await this.#parts.intake.receive(network, { events: [event.bytes], receipts: [], retracted: [] })
    } catch (error) {
      written = false
      const { code, message } = asSpiceTimeError(error)
      this.#parts.diagnostics.emit({ kind: 'background-failed', task: 'applying an event whose body came', code, reason: message })
    }
    if (written && !(search.asked && search.outcome.kind === 'missing')) this.#searches.delete(event.id)
    else this.#rest(search)
  }

  #rest(search: Search): void {
    search.phase = 'resting'
    const delay = Math.min(FIRST_REST * 2 ** (search.tries - 1), LONGEST_REST)
    search.cancelRest = this.#parts.platform.after(delay, () => this.#wake(search))
  }

  async #look(event: NamingEvent): Promise<Search['outcome']> {
    const { platform, load, read } = this.#parts
    const late = new AbortController()
    const cancel = platform.after(DEADLINE, () => late.abort())
    let block: Uint8Array<ArrayBuffer>
    try {
      block = await load(event, AbortSignal.any([late.signal, this.#ended.signal]))
    } catch (error) {
      const why = late.signal.aborted ? `nobody gave it within ${DEADLINE / 1000} s.` : asSpiceTimeError(error).message
      return { kind: 'missing', reason: `${nameOf(event)} is missing: ${why}` }
    } finally {
      cancel()
    }
    try {
      return { kind: 'here', body: await read(event, block) }
    } catch (error) {
      if (isSpiceTimeError(error)) return { kind: 'refused', error }
      return { kind: 'missing', reason: `${nameOf(event)} could not be read: ${asSpiceTimeError(error).message}` }
    }
  }
}

function nameOf({ path, bodyCid: { cid, size } }: NamingEvent): string {
  return `The body of its change of '${path}' (${size} bytes, ${cid})`
}
