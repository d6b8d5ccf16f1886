import { errorToWire } from '../runtime/errors/wire.js'

/** comlink's own form of a thrown value, with the cause chain, code, context and generation added. */
export interface ThrownOnWire {
  readonly isError: boolean
  readonly value: unknown
  readonly generation?: string | undefined
}

const generations = new WeakMap<Error, string>()

/** Says which life of the worker an error comes from; it crosses the port with it. */
export function markGeneration(error: Error, generation: string): void {
  generations.set(error, generation)
}

/** The life of the worker that threw; undefined for an error that was not answered by one. */
export function generationOf(error: Error): string | undefined {
  return generations.get(error)
}

export function thrownToWire(value: unknown): ThrownOnWire {
  return value instanceof Error
    ? { isError: true, value: errorToWire(value), generation: generations.get(value) }
    : { isError: false, value }
}
