import type { CallRequest } from './protocol.js'
import type { RuntimeService } from './runtime-service.js'

/** Settled calls with a key that are remembered; a page sends again at once or never. */
const REMEMBERED = 256

/** Runs calls on the runtime. A call that comes again with its key, because the page lost its port, joins the first. */
export class ServiceCalls {
  readonly #service: () => RuntimeService | Promise<RuntimeService>
  readonly #keyed = new Map<string, Promise<unknown>>()

  constructor(service: () => RuntimeService | Promise<RuntimeService>) {
    this.#service = service
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
    const service = await this.#service()
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
