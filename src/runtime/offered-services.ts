import { SpiceTimeError } from './errors/spice-time-error.js'
import { errorFromWire } from './errors/wire.js'
import type { PageServices } from './networks/registry.js'
import type { Platform } from './platform/platform.js'
import { randomHex } from './platform/random-hex.js'
import { parsePageAnswer } from '../workers/page-ask.js'
import type { AskSink } from '../workers/page-ask.js'

/** Milliseconds in which a page says that it has what it was asked: one that is frozen does not. How long it then takes is up to it. */
const TAKE_BOUND = 2_000

interface Asked {
  readonly service: string
  readonly request: unknown
  readonly tried: Set<AskSink>
  page: AskSink | undefined
  cancelTimer: () => void
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** What the live pages offer. An ask goes to the page that offered last; where that goes away or does not take it, to the one before. */
export class OfferedServices implements PageServices {
  readonly #platform: Platform
  readonly #offers = new Map<string, AskSink[]>()
  readonly #asked = new Map<string, Asked>()
  readonly #listeners = new Set<() => void>()

  constructor(platform: Platform) {
    this.#platform = platform
  }

  offered(service: string): boolean {
    return this.#pages(service).length > 0
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  ask(service: string, request: unknown, { signal }: { readonly signal?: AbortSignal } = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ask = randomHex(this.#platform, 8)
      const onAbort = (): void => {
        asked.page?.deliver({ ask, calledOff: true })
        asked.reject(new SpiceTimeError('ABORTED', `Asking a page for '${service}' was called off.`, {}, signal?.reason))
      }
      const settle = (): void => {
        asked.cancelTimer()
        this.#asked.delete(ask)
        signal?.removeEventListener('abort', onAbort)
      }
      const asked: Asked = {
        ...{ service, request, tried: new Set<AskSink>(), page: undefined, cancelTimer: () => undefined },
        resolve: (value) => (settle(), resolve(value)),
        reject: (error) => (settle(), reject(error)),
      }
      this.#asked.set(ask, asked)
      signal?.addEventListener('abort', onAbort)
      if (signal?.aborted === true) onAbort()
      else this.#pass(ask, asked)
    })
  }

  /** A page offers the service until the returned function is called. */
  offer(service: string, page: AskSink): () => void {
    this.#offers.set(service, [...this.#pages(service), page])
    this.#changed()
    return () => {
      this.#offers.set(
        service,
        this.#pages(service).filter((other) => other !== page),
      )
      for (const [ask, asked] of this.#asked) if (asked.page === page) this.#pass(ask, asked)
      this.#changed()
    }
  }

  /** What a page says of what it was asked. What comes too late is let go: another page was asked, or nobody waits. */
  answer(foreign: unknown): void {
    const answer = parsePageAnswer(foreign)
    if (answer === undefined) throw new SpiceTimeError('INPUT_MALFORMED', 'A page answered what the runtime can not read. Reload the page.')
    const asked = this.#asked.get(answer.ask)
    if ('taken' in answer) asked?.cancelTimer()
    else if ('error' in answer) asked?.reject(errorFromWire(answer.error))
    else asked?.resolve(answer.value)
  }

  #pass(ask: string, asked: Asked): void {
    asked.cancelTimer()
    const { service, request, tried } = asked
    const page = this.#pages(service).findLast((offering) => offering.ready() && !tried.has(offering))
    if (page === undefined) return asked.reject(pageNeeded(service))
    tried.add(page)
    asked.page = page
    asked.cancelTimer = this.#platform.after(TAKE_BOUND, () => this.#pass(ask, asked))
    page.deliver({ ask, request })
  }

  #pages(service: string): readonly AskSink[] {
    return this.#offers.get(service) ?? []
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

function pageNeeded(service: string): SpiceTimeError {
  const todo = 'Open a page of the app that offers it, and bring it to the front.'
  return new SpiceTimeError('PAGE_NEEDED', `'${service}' is offered by pages, and none does or answers now. ${todo}`, { service })
}
