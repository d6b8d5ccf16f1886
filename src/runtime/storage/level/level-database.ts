import { chmod, mkdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import type { DamagedRecord } from '../store.js'
import { isCorruption, levelFailure } from './level-failure.js'

export type Level = ClassicLevel<string, Uint8Array>

/** One LevelDB, opened again where that cures it. */
export class LevelDatabase {
  readonly #location: string
  readonly #onDamaged: (record: DamagedRecord) => void
  #level: Promise<Level>

  private constructor(location: string, level: Level, onDamaged: (record: DamagedRecord) => void) {
    this.#location = location
    this.#onDamaged = onDamaged
    this.#level = Promise.resolve(level)
  }

  /** Only the user of this process may enter the folder: it holds keys. */
  static async open(location: string, onDamaged: (record: DamagedRecord) => void): Promise<LevelDatabase> {
    try {
      await mkdir(location, { recursive: true, mode: 0o700 })
      await chmod(location, 0o700)
      const level = await openLevel(location).catch((error: unknown) => {
        if (!isCorruption(error)) throw error
        return repairLevel(location, onDamaged)
      })
      return new LevelDatabase(location, level, onDamaged)
    } catch (error) {
      throw levelFailure(error, location)
    }
  }

  /** Reads; when LevelDB finds its own files spoiled, they are repaired and the read is tried once more. */
  async read<T>(read: (level: Level) => Promise<T>): Promise<T> {
    const used = this.#level
    try {
      const level = await used
      return await read(level).catch(async (error: unknown) => {
        if (!isCorruption(error)) throw error
        if (this.#level === used) this.#level = this.#reopen(level, () => repairLevel(this.#location, this.#onDamaged))
        return read(await this.#level)
      })
    } catch (error) {
      throw levelFailure(error, this.#location)
    }
  }

  /** Writes and waits for the disk. */
  async write(write: (level: Level) => Promise<void>): Promise<void> {
    const used = this.#level
    try {
      const level = await used
      await write(level).catch((error: unknown) => {
        // A failed write may leave half a record in the log, behind which later ones would be lost: begin a new log.
        if (this.#level === used) this.#level = this.#reopen(level, () => openLevel(this.#location))
        // Whoever uses the database next hears of it, if it can't be opened.
        this.#level.catch(() => undefined)
        throw error
      })
    } catch (error) {
      throw levelFailure(error, this.#location)
    }
  }

  async close(): Promise<void> {
    await (await this.#level).close()
  }

  async #reopen(level: Level, open: () => Promise<Level>): Promise<Level> {
    await level.close()
    return open()
  }
}

async function openLevel(location: string): Promise<Level> {
  const level: Level = new ClassicLevel(location, { keyEncoding: 'utf8', valueEncoding: 'view' })
  await level.open()
  return level
}

async function repairLevel(location: string, onDamaged: (record: DamagedRecord) => void): Promise<Level> {
  await ClassicLevel.repair(location)
  const level = await openLevel(location)
  onDamaged({ key: 'unknown', reason: `files of the database in '${location}' were spoiled; what could be read was kept` })
  return level
}
