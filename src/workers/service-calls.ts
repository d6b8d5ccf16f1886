import type { CallRequest } from './protocol.js'
import type { StateAnswer } from '../runtime/model/state-change.js'
import type { EarlyRead, RuntimeService } from './runtime-service.js'

/** Settled calls with a key that are remembered; a page sends again at once or never. */
const REMEMBERED = 256

interface Services {
  readonly service: () => RuntimeService | Promise<RuntimeService>
  /** Answers reads of documents while the runtime starts. */
  readonly early: () => Promise<EarlyRead | undefined> | undefined
}

/** Runs calls on the runtime. A call that comes again with its key, because the page lost its port, joins the first. */
export class ServiceCalls {
  readonly #services: Services
  readonly #keyed = new Map<string, Promise<unknown>>()

  constructor(services: Services) {
    this.#services = services
  }

  run(request: CallRequest, signal: AbortSignal | undefined): Promise<unknown> {
    const key = request.options.key
    const known = key === undefined ? undefined : this.#keyed.get(key)
    if (known !== undefined) return known
    const result = this.#invoke(request, signal)
    if (key !== undefined) this.#remember(request, key, result)
    return result
  }

  async #invoke({ method, subject, options }: CallRequest, signal: AbortSignal | undefined): Promise<unknown> {
    if (method === 'getState' && options['at'] === undefined) {
      const early = await this.#services.early()
      const state = await early?.(String(subject[0]))
      if (state !== undefined) return { kind: 'state', state } satisfies StateAnswer
    }
    const service = await this.#services.service()
    // The protocol's table has checked that these arguments are this method's.
    const call = service[method] as (...values: readonly unknown[]) => Promise<unknown>
    return call.apply(service, [...subject, signal === undefined ? options : { ...options, signal }])
  }

  #remember({ method }: CallRequest, key: string, result: Promise<unknown>): void {
    this.#keyed.set(key, result)
    const forget = (): unknown => this.#keyed.delete(key)
    // The runtime itself knows a submit's key once it is durable; a failed call took no effect, and is tried when it comes again.
    result.then(method === 'submitEvent' || method === 'submitEvents' ? forget : undefined, forget)
    if (this.#keyed.size <= REMEMBERED) return
    for (const oldest of this.#keyed.keys()) {
      this.#keyed.delete(oldest)
      break
    }
  }
}
