import { transferHandlers } from 'comlink'
import { errorFromWire } from '../runtime/errors/wire.js'
import type { ErrorOnWire } from '../runtime/errors/wire.js'
import { generationOf, markGeneration, thrownToWire } from './thrown.js'
import type { ThrownOnWire } from './thrown.js'

export { generationOf }

const installed = new WeakSet<object>()

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
    serialize: ({ value }: { value: unknown }): [ThrownOnWire, Transferable[]] => [thrownToWire(value), []],
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
