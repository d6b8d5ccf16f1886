import { SpiceTimeError } from '../../errors/spice-time-error.js'

/** What a browser's database error means for the caller. `doing` completes "IndexedDB failed to …". */
export function storageFailure(error: unknown, doing: string): SpiceTimeError {
  if (error instanceof SpiceTimeError) return error
  const name = nameOf(error)
  if (name === 'QuotaExceededError') {
    return new SpiceTimeError(
      'STORAGE_FULL',
      `There is no room left to ${doing}. What was stored before is intact: free space on this device, or delete data of this site, and try again.`,
      {},
      error,
    )
  }
  if (name === 'InvalidStateError') {
    return new SpiceTimeError(
      'STORAGE_CLOSED',
      `The connection to the database is closed, so it was not possible to ${doing}. Open it again.`,
      {},
      error,
    )
  }
  return new SpiceTimeError(
    'STORAGE_FAILED',
    `IndexedDB failed to ${doing} (${name}: ${messageOf(error)}). Try again, or reload.`,
    {},
    error,
  )
}

/** The same for an attempt to open the database. */
export function openFailure(error: unknown, database: string): SpiceTimeError {
  if (error instanceof SpiceTimeError) return error
  const name = nameOf(error)
  const context = { database }
  if (name === 'VersionError') {
    return new SpiceTimeError(
      'STORAGE_VERSION_NEWER',
      `The database '${database}' was written by a newer version of this application. Reload to get that version.`,
      context,
      error,
    )
  }
  if (name === 'QuotaExceededError') return storageFailure(error, `open the database '${database}'`)
  return new SpiceTimeError(
    'STORAGE_UNAVAILABLE',
    `This browser refuses to open the database '${database}' (${name}: ${messageOf(error)}). Private windows and blocked site data do that: allow site data, or use another window.`,
    context,
    error,
  )
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : 'unknown error'
}

function messageOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.message : String(error)
}
