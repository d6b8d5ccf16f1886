import { decodeEvent } from '../../codec/event-codec.js'
import { computeEventId } from '../../codec/event-id.js'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { SpaceReference } from '../../model/event.js'
import type { Platform } from '../../platform/platform.js'
import type { EventLists } from '../provider-parts.js'
import type { Ignored } from './ignored.js'
import { signedEvents } from './memo-events.js'
import type { SignedEvents } from './memo-events.js'
import type { ReadEvent } from './memo-text.js'
import { waitFor } from './waiting.js'

export interface AnchoredListsParts {
  readonly lists: EventLists
  readonly platform: Platform
  /** A list came, or may be had now: a pull would bring it. */
  readonly onNews: () => void
}

interface Fetch {
  readonly result: Promise<SignedEvents | undefined>
  /** Someone gave up waiting for it. */
  late: boolean
}

/** Milliseconds that one fetch may take, and that a whole pull waits for lists: what comes later is news for the next pull. */
const FETCH_DEADLINE = 20_000
const PULL_PATIENCE = 5_000
const FETCHES_AT_ONCE = 4
/** Lists that are being fetched or wait for their turn; the others are asked for in a later pull. */
const MOST_WANTED = 64
/** Of events that are kept: what is not final is read again with each pull. */
const MOST_KEPT_BYTES = 16 * 1024 * 1024
const LEAST_PAUSE = 500
const FIRST_PAUSE = 2_000
const LONGEST_PAUSE = 300_000
/** Lists that could not be had: beyond that, all are tried again. */
const MOST_REMEMBERED = 10_000

/** Fetches lists that members anchored, a few at a time and never for long, and checks what is in them. */
export class AnchoredLists {
  readonly #parts: AnchoredListsParts
  readonly #kept = new Map<string, { readonly content: SignedEvents; readonly bytes: number }>()
  readonly #fetches = new Map<string, Fetch>()
  /** When one that could not be had is tried again. */
  readonly #later = new Map<string, { readonly times: number; readonly at: number }>()
  /** What this pull asked for. */
  readonly #wanted = new Set<string>()
  readonly #turns: (() => void)[] = []
  readonly #controller = new AbortController()
  readonly #undo: () => void
  #running = 0
  #keptBytes = 0
  #patienceEnds = 0
  #trouble: string | undefined

  constructor(parts: AnchoredListsParts) {
    this.#parts = parts
    this.#undo = parts.lists.onChange(() => {
      this.#later.clear()
      parts.onNews()
    })
  }

  /** Why a list could not be had, the last time. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Milliseconds until one that the last pull could not have is to be tried again; undefined where none is. */
  get nextTry(): number | undefined {
    const now = this.#parts.platform.monotonic()
    const times = [...this.#wanted].flatMap((name) => this.#later.get(name)?.at ?? [])
    return times.length === 0 ? undefined : Math.max(LEAST_PAUSE, Math.min(...times) - now)
  }

  /** A pull begins: it waits for lists for so long in all. */
  beginPull(): void {
    this.#wanted.clear()
    this.#patienceEnds = this.#parts.platform.monotonic() + PULL_PATIENCE
  }

  /** What is in the list; undefined while it can't be had. Content that is no list at all holds nothing, for ever. Never rejects. */
  async find(cid: string, space: SpaceReference): Promise<SignedEvents | undefined> {
    const name = `${space}/${cid}`
    this.#wanted.add(name)
    const kept = this.#kept.get(name)
    if (kept !== undefined) {
      this.#kept.delete(name)
      this.#kept.set(name, kept)
      return kept.content
    }
    const fetch = this.#fetches.get(name) ?? this.#begin(name, { cid, space })
    return fetch === undefined ? undefined : await this.#wait(fetch)
  }

  stop(): void {
    this.#undo()
    this.#controller.abort()
  }

  #begin(name: string, list: { readonly cid: string; readonly space: SpaceReference }): Fetch | undefined {
    const { platform, onNews } = this.#parts
    const due = (this.#later.get(name)?.at ?? 0) <= platform.monotonic()
    if (!due || this.#fetches.size >= MOST_WANTED || this.#controller.signal.aborted) return undefined
    const result = this.#inTurn(() => this.#fetch(name, list)).finally(() => {
      this.#fetches.delete(name)
      if (fetch.late && this.#kept.has(name)) onNews()
    })
    const fetch: Fetch = { result, late: false }
    this.#fetches.set(name, fetch)
    return fetch
  }

  async #wait(fetch: Fetch): Promise<SignedEvents | undefined> {
    const { platform } = this.#parts
    const controller = new AbortController()
    const patience = waitFor(platform, Math.max(0, this.#patienceEnds - platform.monotonic()), controller.signal)
    const first = await Promise.race([fetch.result.then((content) => ({ content })), patience])
    controller.abort()
    if (first === undefined) fetch.late = true
    return first?.content
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= FETCHES_AT_ONCE) await new Promise<void>((resolve) => this.#turns.push(resolve))
    this.#running++
    try {
      return await work()
    } finally {
      this.#running--
      this.#turns.shift()?.()
    }
  }

  async #fetch(name: string, { cid, space }: { readonly cid: string; readonly space: SpaceReference }): Promise<SignedEvents | undefined> {
    const { lists, platform } = this.#parts
    const { signal } = this.#controller
    const deadline = new AbortController()
    const abort = (): void => deadline.abort()
    signal.addEventListener('abort', abort)
    const cancel = platform.after(FETCH_DEADLINE, abort)
    try {
      const content = await contentOf(await raced(lists.get(space, cid, { signal: deadline.signal }), deadline.signal), space)
      this.#keep(name, content)
      return content
    } catch (error) {
      if (isSpiceTimeError(error, 'CONTENT_DAMAGED')) {
        const content: SignedEvents = { events: [], ignored: ['damaged'] }
        this.#keep(name, content)
        return content
      }
      this.#failed(name, error)
      return undefined
    } finally {
      cancel()
      signal.removeEventListener('abort', abort)
    }
  }

  #keep(name: string, content: SignedEvents): void {
    const bytes = content.events.reduce((sum, event) => sum + event.bytes.length, 0)
    this.#later.delete(name)
    this.#kept.set(name, { content, bytes })
    this.#keptBytes += bytes
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (this.#keptBytes <= MOST_KEPT_BYTES || oldest === name) break
      this.#kept.delete(oldest)
      this.#keptBytes -= freed
    }
  }

  #failed(name: string, error: unknown): void {
    const { platform } = this.#parts
    this.#trouble = error instanceof Error ? error.message : String(error)
    const times = (this.#later.get(name)?.times ?? 0) + 1
    const whole = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(times - 1, 10))
    const [chance = 0] = platform.randomBytes(1)
    if (this.#later.size >= MOST_REMEMBERED) this.#later.clear()
    this.#later.set(name, { times, at: platform.monotonic() + whole / 2 + (whole / 2) * (chance / 256) })
  }
}

/** Ends with the signal, whatever who does the work makes of it. */
async function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined)
  const ended = new Promise<never>((_resolve, reject) => {
    const end = (): void => reject(new Error(`Nobody gave it within ${FETCH_DEADLINE / 1000} s.`))
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
  })
  return await Promise.race([work, ended])
}

/** Everything in a list is a stranger's word until its signature holds. */
async function contentOf(list: readonly Uint8Array[], space: SpaceReference): Promise<SignedEvents> {
  return await signedEvents(await Promise.all(list.map((bytes) => readListed(new Uint8Array(bytes), space))))
}

async function readListed(bytes: Uint8Array<ArrayBuffer>, space: SpaceReference): Promise<ReadEvent | Ignored> {
  try {
    const decoded = decodeEvent(bytes)
    return decoded.header.space === space ? { id: await computeEventId(bytes), bytes, decoded } : 'forged'
  } catch (error) {
    if (!isSpiceTimeError(error)) throw error
    return error.code === 'EVENT_VERSION_UNKNOWN' ? 'version' : 'garbage'
  }
}
