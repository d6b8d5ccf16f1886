import { GroupCommitStore } from '../group-commit.js'
import type { OpenedStore } from '../opened-store.js'
import type { DamagedRecord } from '../store.js'
import { LevelBackend } from './level-backend.js'
import { LevelDatabase } from './level-database.js'
import { LevelKeys } from './level-keys.js'

export interface LevelStoreOptions {
  /** The folder of the database; made when it is not there, and closed to other users of the machine. */
  readonly location: string
  /** A record could not be read; once for each. */
  readonly onDamaged?: (record: DamagedRecord) => void
}

/**
 * Opens a LevelDB folder, for Node. One process at a time.
 * @throws SpiceTimeError STORAGE_BLOCKED, STORAGE_UNAVAILABLE, STORAGE_FULL, STORAGE_FAILED
 */
export async function openLevelStore(options: LevelStoreOptions): Promise<OpenedStore> {
  const damaged: DamagedRecord[] = []
  const onDamaged = (record: DamagedRecord): void => options.onDamaged?.(record)
  const database = await LevelDatabase.open(options.location, (record) => {
    damaged.push(record)
    onDamaged(record)
  })
  const backend = new LevelBackend(database, damaged, onDamaged)
  return { store: new GroupCommitStore(backend), keys: new LevelKeys(database, () => backend.closed) }
}
