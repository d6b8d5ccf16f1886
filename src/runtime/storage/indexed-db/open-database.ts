import { openDB } from 'idb'
import type { DBSchema, IDBPDatabase } from 'idb'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Platform } from '../../platform/platform.js'
import { openFailure } from './storage-failure.js'

export interface DatabaseOptions<Schema extends DBSchema> {
  readonly name: string
  /** What turns version n into n + 1, at index n; there are as many as the version. */
  readonly upgrades: readonly ((database: IDBPDatabase<Schema>) => void)[]
  readonly platform: Platform
  /** Milliseconds to wait for other tabs to let go of an older version. */
  readonly blockedTimeout: number
  /** Another tab wants to upgrade the database or to delete it: close now. */
  readonly onVersionChange: (wish: 'upgrade' | 'delete') => void
  /** The browser closed the connection by itself. */
  readonly onTerminated: () => void
}

/**
 * Milliseconds in which a database must begin to open. The browser tells of no reason when it waits for a deletion that waits for another
 * connection, or for another's upgrade.
 */
const OPEN_BOUND = 10_000

/**
 * Opens the database, upgraded to this version. An upgrade that was interrupted left nothing behind, and is done again.
 * @throws SpiceTimeError STORAGE_UNAVAILABLE, STORAGE_VERSION_NEWER, STORAGE_BLOCKED, STORAGE_FULL
 */
export async function openDatabase<Schema extends DBSchema>(options: DatabaseOptions<Schema>): Promise<IDBPDatabase<Schema>> {
  const { name, platform } = options
  let cancel = (): void => undefined
  let bound = (_milliseconds: number, _error: (name: string) => SpiceTimeError): void => undefined
  const waiting = new Promise<never>((_, reject) => {
    bound = (milliseconds, error) => {
      cancel()
      cancel = platform.after(milliseconds, () => reject(error(name)))
    }
  })
  const opening = open(options, { onBlocked: () => bound(options.blockedTimeout, blockedError), onUpgrade: () => cancel() })
  bound(OPEN_BOUND, pendingError)
  try {
    return await Promise.race([opening, waiting])
  } catch (error) {
    // When the others close after all, nobody waits for this connection any more.
    opening.then(
      (late) => late.close(),
      () => undefined,
    )
    throw openFailure(error, name)
  } finally {
    cancel()
  }
}

async function open<Schema extends DBSchema>(
  options: DatabaseOptions<Schema>,
  { onBlocked, onUpgrade }: { readonly onBlocked: () => void; readonly onUpgrade: () => void },
): Promise<IDBPDatabase<Schema>> {
  if (typeof indexedDB === 'undefined') throw new Error('there is no IndexedDB')
  return openDB<Schema>(options.name, options.upgrades.length, {
    upgrade: (database, from) => {
      onUpgrade()
      for (const upgrade of options.upgrades.slice(from)) upgrade(database)
    },
    blocked: onBlocked,
    blocking: (_, version) => options.onVersionChange(version === null ? 'delete' : 'upgrade'),
    terminated: options.onTerminated,
  })
}

function blockedError(database: string): SpiceTimeError {
  return new SpiceTimeError(
    'STORAGE_BLOCKED',
    `The database '${database}' must be upgraded, and another tab uses its older version. Close the other tabs of this application, then reload.`,
    { database },
  )
}

/** The error of a database that does not open, for a reason that the browser does not tell. */
export function pendingError(database: string): SpiceTimeError {
  return new SpiceTimeError(
    'STORAGE_BLOCKED',
    `The database '${database}' does not open: another tab holds it, or it is being deleted or upgraded there. Close the other tabs of this application, then reload.`,
    { database },
  )
}
