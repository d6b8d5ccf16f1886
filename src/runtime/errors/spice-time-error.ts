import type { ErrorCode } from './codes.js'

/** Facts about the failure for a program to read: the names of things, never keys or values. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** The one error of the runtime. `code` is stable; `message` names the thing and says what to do. */
export class SpiceTimeError extends Error {
  override readonly name = 'SpiceTimeError'
  readonly code: ErrorCode
  readonly context: ErrorContext

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.context = context
  }
}

/** Narrows an unknown to a SpiceTimeError, of one code where given. */
export function isSpiceTimeError(error: unknown, code?: ErrorCode): error is SpiceTimeError {
  return error instanceof SpiceTimeError && (code === undefined || error.code === code)
}

/** The error itself when it is ours; else wrapped as INTERNAL (or `code`) with it as cause. */
export function asSpiceTimeError(error: unknown, code: ErrorCode = 'INTERNAL', context: ErrorContext = {}): SpiceTimeError {
  if (error instanceof SpiceTimeError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new SpiceTimeError(code, message, context, error)
}
