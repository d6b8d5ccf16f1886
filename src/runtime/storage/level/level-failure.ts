import { SpiceTimeError } from '../../errors/spice-time-error.js'

/** What LevelDB's error means for the caller. */
export function levelFailure(error: unknown, location: string): SpiceTimeError {
  if (error instanceof SpiceTimeError) return error
  const context = { database: location }
  const codes = codesOf(error)
  if (codes.includes('LEVEL_LOCKED')) {
    return new SpiceTimeError(
      'STORAGE_BLOCKED',
      `Another process uses the database in '${location}'. End it, or choose another folder.`,
      context,
      error,
    )
  }
  const message = messagesOf(error)
  if (/no space left|disk quota|ENOSPC|EDQUOT/i.test(message)) {
    return new SpiceTimeError(
      'STORAGE_FULL',
      `There is no room left on the disk of '${location}'. What was stored before is intact: free space and try again.`,
      context,
      error,
    )
  }
  if (/permission denied|read-only file system|EACCES|EROFS|ENOTDIR/i.test(message)) {
    return new SpiceTimeError(
      'STORAGE_UNAVAILABLE',
      `The folder '${location}' can't be written to. Choose another, or change its permissions.`,
      context,
      error,
    )
  }
  return new SpiceTimeError(
    'STORAGE_FAILED',
    `LevelDB in '${location}' failed: ${message}. Try again, or open the database again.`,
    context,
    error,
  )
}

/** Whether stored bytes make no sense to LevelDB itself. */
export function isCorruption(error: unknown): boolean {
  return codesOf(error).includes('LEVEL_CORRUPTION') || messagesOf(error).startsWith('Corruption:')
}

function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  return ['code' in error ? String(error.code) : '', ...codesOf(error.cause)]
}

function messagesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${messagesOf(error.cause)}`
}
