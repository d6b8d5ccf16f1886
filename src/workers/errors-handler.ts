import { transferHandlers } from 'comlink'
import { errorFromWire, errorToWire } from '../runtime/errors/wire.js'
import type { ErrorOnWire } from '../runtime/errors/wire.js'

/** comlink's own form of a thrown value, with the cause chain, code, context and generation added. */
interface ThrownOnWire {
  readonly isError: boolean
  readonly value: unknown
  readonly generation?: string | undefined
}

const generations = new WeakMap<Error, string>()
const installed = new WeakSet<object>()

/** Says which life of the worker an error comes from; it crosses the port with it. */
export function markGeneration(error: Error, generation: string): void {
  generations.set(error, generation)
}

/** The life of the worker that threw; undefined for an error that was not answered by one. */
export function generationOf(error: Error): string | undefined {
  return generations.get(error)
}

/**
 * Replaces comlink's handler for thrown values, which keeps only name, message and stack: a SpiceTimeError crosses whole.
 * What a plain comlink on the other side sends or expects still fits.
 */
export function installErrorsHandler(): void {
  const builtIn = transferHandlers.get('throw')
  if (builtIn === undefined || installed.has(builtIn)) return
  const handler = {
    // comlink's marker for thrown values is private to it, so its own test for them stays.
    canHandle: (value: unknown): value is { value: unknown } => builtIn.canHandle(value),
    serialize({ value }: { value: unknown }): [ThrownOnWire, Transferable[]] {
      if (!(value instanceof Error)) return [{ isError: false, value }, []]
      return [{ isError: true, value: errorToWire(value), generation: generations.get(value) }, []]
    },
    deserialize(thrown: ThrownOnWire): never {
      if (!thrown.isError) throw thrown.value
      const error = errorFromWire(thrown.value as ErrorOnWire)
      if (thrown.generation !== undefined) markGeneration(error, thrown.generation)
      throw error
    },
  }
  installed.add(handler)
  transferHandlers.set('throw', handler as typeof builtIn)
}
