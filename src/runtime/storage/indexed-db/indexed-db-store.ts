import { unwrap } from 'idb'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Platform } from '../../platform/platform.js'
import { GroupCommitStore, closedError } from '../group-commit.js'
import type { OpenedStore } from '../opened-store.js'
import type { DamagedRecord } from '../store.js'
import { IndexedDbDisk } from './indexed-db-disk.js'
import { IndexedDbKeys } from './indexed-db-keys.js'
import { openDatabase, pendingError } from './open-database.js'
import { PackedBackend } from './packed/packed-backend.js'
import type { PackedLimits } from './packed/packed-backend.js'
import { UPGRADES } from './schema.js'

export interface IndexedDbStoreOptions {
  readonly platform: Platform
  /** Default: `spicetime`. */
  readonly name?: string
  /** Milliseconds to wait for tabs with an older version to close; default 5000. */
  readonly blockedTimeout?: number
  /** A record could not be read; once for each. */
  readonly onDamaged?: (record: DamagedRecord) => void
  /** Another tab upgrades the database, so this store was closed: reload to get the new version. */
  readonly onObsolete?: () => void
  /** The store ended by itself: the browser closed it, or another connection took over. Open it again. */
  readonly onClosed?: (error: SpiceTimeError) => void
  /** A checkpoint or a repair failed. It is tried again; writes go on until too much has piled up. */
  readonly onBackgroundFailure?: (error: SpiceTimeError) => void
  /** For tests: sizes small enough to meet every case. */
  readonly limits?: Partial<PackedLimits>
}

const BLOCKED_TIMEOUT = 5000
/** Milliseconds that taking the database over may take. */
const TAKEOVER_BOUND = 10_000

/**
 * Opens the browser's database: one IndexedDB database, in packed rows (docs/decisions/0004). One owner at a time.
 * @throws SpiceTimeError STORAGE_UNAVAILABLE, STORAGE_VERSION_NEWER, STORAGE_BLOCKED, STORAGE_FULL, STORAGE_FAILED
 */
export async function openIndexedDbStore(options: IndexedDbStoreOptions): Promise<OpenedStore> {
  const name = options.name ?? 'spicetime'
  const life = new Life()
  const endAs = (error: SpiceTimeError): void => life.end(error, () => options.onClosed?.(error))
  const wrapped = await openDatabase({
    name,
    upgrades: UPGRADES,
    platform: options.platform,
    blockedTimeout: options.blockedTimeout ?? BLOCKED_TIMEOUT,
    onVersionChange: (wish) => {
      if (wish === 'upgrade') life.end(obsoleteError(), () => options.onObsolete?.())
      else endAs(terminatedError())
    },
    onTerminated: () => endAs(terminatedError()),
  })
  const database: IDBDatabase = unwrap(wrapped)
  life.begin(() => database.close())
  const keys: IndexedDbKeys = new IndexedDbKeys({
    writes: () => disk.writes,
    ended: () => life.ended ?? (disk.closed ? closedError() : undefined),
  })
  const disk = new IndexedDbDisk(database, {
    onTakingOver: (transaction) => keys.load(transaction),
    onOvertaken: endAs,
  })
  let late = false
  // Another build's transaction may be open on what this one must have: nothing waits for it without a bound.
  const cancel = options.platform.after(TAKEOVER_BOUND, () => {
    late = true
    disk.writes.giveUp()
  })
  const backend = await PackedBackend.open({
    disk,
    after: (milliseconds, callback) => options.platform.after(milliseconds, callback),
    ended: () => life.ended,
    onDamaged: (record) => options.onDamaged?.(record),
    onBackgroundFailure: (error) => options.onBackgroundFailure?.(error),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
    .catch((error: unknown) => {
      database.close()
      throw life.ended ?? (late ? pendingError(name) : error)
    })
    .finally(cancel)
  return { store: new GroupCommitStore(backend), keys }
}

/** Whether the connection ended without being asked to, and why. */
class Life {
  ended: SpiceTimeError | undefined
  #close: (() => void) | undefined

  begin(close: () => void): void {
    this.#close = close
    if (this.ended !== undefined) close()
  }

  end(error: SpiceTimeError, tell: () => void): void {
    if (this.ended !== undefined) return
    this.ended = error
    // Lets transactions in flight finish.
    this.#close?.()
    tell()
  }
}

function obsoleteError(): SpiceTimeError {
  return new SpiceTimeError(
    'STORAGE_CLOSED',
    'A newer version of this application runs in another tab and upgrades the database. Reload this page.',
  )
}

function terminatedError(): SpiceTimeError {
  return new SpiceTimeError(
    'STORAGE_CLOSED',
    'The browser closed the database (its data was cleared, or its disk failed). Reload this page.',
  )
}
