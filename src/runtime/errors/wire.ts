import { isErrorCode } from './codes.js'
import { SpiceTimeError } from './spice-time-error.js'
import type { ErrorContext } from './spice-time-error.js'

/** An error as plain data, its cause chain included, for a port or a log line. */
export interface ErrorOnWire {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly code?: string
  readonly context?: ErrorContext
  readonly cause?: ErrorOnWire
}

const MAX_CAUSES = 8

export function errorToWire(error: unknown, depth = 0): ErrorOnWire {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  return {
    name: error.name,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error instanceof SpiceTimeError ? { code: error.code, context: error.context } : {}),
    ...(error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: errorToWire(error.cause, depth + 1) }),
  }
}

/** Rebuilds the error; one whose code this build doesn't know comes back as INTERNAL with the code in its message. */
export function errorFromWire(wire: ErrorOnWire): Error {
  const cause = wire.cause === undefined ? undefined : errorFromWire(wire.cause)
  const error = rebuild(wire, cause)
  if (wire.stack !== undefined) error.stack = wire.stack
  return error
}

function rebuild(wire: ErrorOnWire, cause: Error | undefined): Error {
  if (wire.code === undefined) {
    const plain = new Error(wire.message, cause === undefined ? undefined : { cause })
    plain.name = wire.name
    return plain
  }
  if (isErrorCode(wire.code)) return new SpiceTimeError(wire.code, wire.message, wire.context, cause)
  return new SpiceTimeError('INTERNAL', `${wire.code}: ${wire.message}`, wire.context, cause)
}
