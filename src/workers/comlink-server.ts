import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import { thrownToWire } from './thrown.js'
import type { WirePort } from './wire-port.js'

/** An answer, and the buffers of it that the caller may have. */
export interface Reply {
  readonly value: unknown
  readonly transfer?: readonly ArrayBuffer[]
}

/**
 * The host's end of comlink's calls: of the one function that there is, with one plain argument. comlink's own end would reach into the
 * worker along any path, and is 2.5 kB of the worker.
 */
export class ComlinkServer {
  readonly #port: WirePort
  readonly #answer: (request: unknown) => Promise<Reply>

  /** @param answer never answers a call that the page has to send again */
  constructor(port: WirePort, answer: (request: unknown) => Promise<Reply>) {
    this.#port = port
    this.#answer = answer
  }

  /** Takes a message that may be a call. */
  take(data: unknown): void {
    const call = parseCall(data)
    if (call !== undefined) void this.#serve(call)
  }

  async #serve({ id, request }: ComlinkCall): Promise<void> {
    try {
      const { value, transfer } = await this.#answer(request)
      this.#reply(id, value, transfer)
    } catch (error) {
      this.#port.postMessage({ id, type: 'HANDLER', name: 'throw', value: thrownToWire(error) })
    }
  }

  #reply(id: string, value: unknown, transfer: readonly ArrayBuffer[] = []): void {
    try {
      this.#port.postMessage({ id, type: 'RAW', value }, [...transfer])
    } catch (error) {
      throw new SpiceTimeError('INTERNAL', 'The answer could not be sent to the page. This is a bug in the runtime: report it.', {}, error)
    }
  }
}

interface ComlinkCall {
  readonly id: string
  readonly request: unknown
}

function parseCall(data: unknown): ComlinkCall | undefined {
  if (!isMap(data) || data['type'] !== 'APPLY' || typeof data['id'] !== 'string') return undefined
  const { id, path, argumentList } = data
  if (!Array.isArray(path) || path.length > 0 || !Array.isArray(argumentList) || argumentList.length !== 1) return undefined
  const [argument] = argumentList as readonly unknown[]
  return isMap(argument) && argument['type'] === 'RAW' ? { id, request: argument['value'] } : undefined
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
