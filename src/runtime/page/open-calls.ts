import { KEYED_METHODS } from '../../workers/protocol.js'
import type { CallRequest } from '../../workers/protocol.js'
import type { Call } from './transport.js'

/** A call that was not answered yet; sent again when the page gets a new port. */
export interface OpenCall {
  readonly request: CallRequest
  /** An earlier port may have carried it. */
  sent: boolean
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** The calls of a page that are not answered yet, in order. Each that changes something has a key of its own. */
export class OpenCalls {
  readonly #calls = new Map<number, OpenCall>()
  readonly #keyPrefix: string
  #count = 0

  constructor(keyPrefix: string) {
    this.#keyPrefix = keyPrefix
  }

  get size(): number {
    return this.#calls.size
  }

  all(): readonly OpenCall[] {
    return [...this.#calls.values()]
  }

  get(number: number): OpenCall | undefined {
    return this.#calls.get(number)
  }

  /** What the page leaves behind when it goes. */
  keyed(): readonly CallRequest[] {
    return this.all().flatMap(({ request }) => (request.options.key === undefined ? [] : [request]))
  }

  request({ method, subject, options }: Call): { readonly number: number; readonly request: CallRequest } {
    const { signal, ...plain } = options ?? {}
    const number = ++this.#count
    const keyed = KEYED_METHODS.includes(method)
    const request: CallRequest = {
      method,
      subject,
      options: keyed ? { ...plain, key: `${this.#keyPrefix}-${number}` } : plain,
      ...(signal === undefined || keyed ? {} : { call: number }),
    }
    return { number, request }
  }

  add(number: number, call: OpenCall): void {
    this.#calls.set(number, call)
  }

  settled(number: number): void {
    this.#calls.delete(number)
  }
}
