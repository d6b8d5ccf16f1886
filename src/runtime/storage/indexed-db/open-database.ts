import { openDB } from 'idb'
import type { IDBPDatabase } from 'idb'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Platform } from '../../platform/platform.js'
import type { Schema } from './schema.js'
import { openFailure } from './storage-failure.js'

export interface DatabaseOptions {
  readonly name: string
  /** What turns version n into n + 1, at index n; there are as many as the version. */
  readonly upgrades: readonly ((database: IDBPDatabase<Schema>) => void)[]
  readonly platform: Platform
  /** Milliseconds to wait for other tabs to let go of an older version. */
  readonly blockedTimeout: number
  /** Another tab wants to upgrade: close now. */
  readonly onVersionChange: () => void
  /** The browser closed the connection by itself. */
  readonly onTerminated: () => void
}

/**
 * Opens the database, upgraded to this version.
 * @throws SpiceTimeError STORAGE_UNAVAILABLE, STORAGE_VERSION_NEWER, STORAGE_BLOCKED, STORAGE_FULL
 */
export async function openDatabase(options: DatabaseOptions): Promise<IDBPDatabase<Schema>> {
  const { name } = options
  let cancel = (): void => undefined
  let onBlocked = (): void => undefined
  const blocked = new Promise<never>((_, reject) => {
    onBlocked = () => {
      cancel = options.platform.after(options.blockedTimeout, () => reject(blockedError(name)))
    }
  })
  const opening = open(options, () => onBlocked())
  try {
    return await Promise.race([opening, blocked])
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

async function open(options: DatabaseOptions, onBlocked: () => void): Promise<IDBPDatabase<Schema>> {
  if (typeof indexedDB === 'undefined') throw new Error('there is no IndexedDB')
  return openDB<Schema>(options.name, options.upgrades.length, {
    upgrade: (database, from) => {
      for (const upgrade of options.upgrades.slice(from)) upgrade(database)
    },
    blocked: onBlocked,
    blocking: options.onVersionChange,
    terminated: options.onTerminated,
  })
}

function blockedError(database: string): SpiceTimeError {
  return new SpiceTimeError(
    'STORAGE_BLOCKED',
    `The database '${database}' must be upgraded, and another tab still uses its older version. Close the other tabs of this application, then reload.`,
    { database },
  )
}
