import type { Platform } from '../../platform/platform.js'
import type { ConductorLink, LinkedCell, LinkEvents } from './conductor.js'
import type { WantedSpace } from './endpoint.js'
import { strange } from './page-asks.js'
import type { AskPage } from './page-asks.js'
import { parseSignal, propertiesOf, ROLE_NAME, ZOME_NAME, zomeCalls } from './zome-calls.js'

const HASH_BYTES = 39
/** Milliseconds: a page answers sooner, with signals or without. */
const LISTEN_PATIENCE = 60_000
/** Milliseconds until a page that did not answer is asked for signals again. */
const PAUSE = 5_000

/** A connection that a client in the page has: every call and every signal goes through the page. */
export class PageLink implements ConductorLink {
  readonly conductor = "of a page's client"
  readonly url = 'a page'
  readonly #ask: AskPage
  readonly #events: LinkEvents
  readonly #platform: Platform
  readonly #over = new AbortController()

  constructor(ask: AskPage, events: LinkEvents, platform: Platform) {
    this.#ask = ask
    this.#platform = platform
    this.#events = events
    void this.#listen()
  }

  async cell({ seed, space }: WantedSpace): Promise<LinkedCell> {
    const answer = await this.#ask({ kind: 'cell', role: ROLE_NAME, seed, properties: propertiesOf(space) })
    const [dna, agent] = [hash(answer['dna']), hash(answer['agent'])]
    const calls = zomeCalls(async (name, payload) => {
      const call = { cell_id: [dna, agent], zome_name: ZOME_NAME, fn_name: name, payload }
      return (await this.#ask({ kind: 'call', call }))['answer']
    })
    return { dna, agent, calls }
  }

  peers(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  close(): void {
    this.#over.abort()
  }

  /** Never rejects. Signals are never the only way: what is missed comes by the next pull. */
  async #listen(): Promise<void> {
    const { signal } = this.#over
    while (!signal.aborted) {
      try {
        const { signals } = await this.#ask({ kind: 'signals' }, AbortSignal.any([signal, AbortSignal.timeout(LISTEN_PATIENCE)]))
        if (!Array.isArray(signals)) throw strange()
        for (const one of signals) this.#hear(one)
      } catch {
        await this.#pause()
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#platform.after(PAUSE, resolve)
      this.#over.signal.addEventListener('abort', () => (cancel(), resolve()), { once: true })
    })
  }

  #hear(foreign: unknown): void {
    if (typeof foreign !== 'object' || foreign === null || !('dna' in foreign) || !('payload' in foreign)) return
    const signal = parseSignal(foreign.payload)
    if (signal !== undefined && foreign.dna instanceof Uint8Array) this.#events.onSignal(foreign.dna, signal)
  }
}

function hash(foreign: unknown): Uint8Array {
  if (foreign instanceof Uint8Array && foreign.length === HASH_BYTES) return foreign
  throw strange()
}
