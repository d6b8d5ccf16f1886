import { join } from 'node:path'
import type { BlockInfo, BlockStore, NamedBlock } from '../block-store.js'
import { closedError } from '../group-commit.js'
import { LevelDatabase } from './level-database.js'

/** A block's bytes, and beside them its size, so that a list reads no bytes. */
const BYTES = 'b/'
const SIZE = 's/'
const PAGE = 1024

/**
 * Blocks in a LevelDB of their own, in a folder of the device's.
 * @param location the device's folder
 * @throws SpiceTimeError STORAGE_BLOCKED, STORAGE_UNAVAILABLE, STORAGE_FULL, STORAGE_FAILED
 */
export async function openLevelBlockStore(location: string): Promise<BlockStore> {
  // Blocks say by their names whether their bytes are right: who reads them looks, so that nothing is lost by a repair.
  return new LevelBlockStore(await LevelDatabase.open(join(location, 'blocks'), () => undefined))
}

class LevelBlockStore implements BlockStore {
  readonly #database: LevelDatabase
  /** What is in flight. */
  readonly #work = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  constructor(database: LevelDatabase) {
    this.#database = database
  }

  get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#run(async (database) => {
      const row = await database.read((level) => level.get(BYTES + name))
      return row === undefined ? undefined : new Uint8Array(row)
    })
  }

  has(name: string): Promise<boolean> {
    return this.#run(async (database) => (await database.read((level) => level.get(SIZE + name))) !== undefined)
  }

  put(blocks: readonly NamedBlock[]): Promise<void> {
    return this.#run(async (database) => {
      const sizes = await database.read((level) => level.getMany(blocks.map(([name]) => SIZE + name)))
      const operations = blocks.flatMap(([name, bytes], at) =>
        sizes[at] === undefined
          ? [
              { type: 'put', key: BYTES + name, value: bytes } as const,
              { type: 'put', key: SIZE + name, value: sizeRow(bytes.byteLength) } as const,
            ]
          : [],
      )
      if (operations.length > 0) await database.write((level) => level.batch(operations, { sync: true }))
    })
  }

  delete(names: readonly string[]): Promise<void> {
    const keys = names.flatMap((name) => [BYTES + name, SIZE + name])
    return this.#run((database) =>
      database.write((level) =>
        level.batch(
          keys.map((key) => ({ type: 'del', key })),
          { sync: true },
        ),
      ),
    )
  }

  async *list(): AsyncIterableIterator<readonly BlockInfo[]> {
    let from = SIZE
    while (true) {
      const rows = await this.#run((database) =>
        database.read((level) => level.iterator({ gt: from, lt: `${SIZE}\u007f`, limit: PAGE }).all()),
      )
      if (rows.length > 0) yield rows.map(([key, row]) => ({ name: key.slice(SIZE.length), bytes: sizeIn(row) }))
      const last = rows.at(-1)
      if (last === undefined || rows.length < PAGE) return
      from = last[0]
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async #finish(): Promise<void> {
    await Promise.allSettled(this.#work)
    await this.#database.close()
  }

  #run<T>(work: (database: LevelDatabase) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(closedError())
    const done = work(this.#database)
    this.#work.add(done)
    const forget = (): void => void this.#work.delete(done)
    done.then(forget, forget)
    return done
  }
}

function sizeRow(size: number): Uint8Array {
  const row = new Uint8Array(4)
  new DataView(row.buffer).setUint32(0, size, true)
  return row
}

function sizeIn(row: Uint8Array): number {
  return row.byteLength < 4 ? 0 : new DataView(row.buffer, row.byteOffset).getUint32(0, true)
}
