import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import { fenceRow, overtakenError } from './packed/fence.js'
import type { LogStart } from './packed/packed-disk.js'
import { asBytes, completed, result } from './requests.js'
import { OWNER_NOW, STORES } from './schema.js'
import type { OwnerRow } from './schema.js'
import { storageFailure } from './storage-failure.js'

export interface Purpose {
  /** Completes "IndexedDB failed to …". */
  readonly doing: string
  readonly durability: IDBTransactionDurability
}

type LogRead = Pick<LogStart, 'fence' | 'covered' | 'rows'>

export interface OwnershipListener {
  /** The takeover is under way: what is read in its transaction is as the owner before left it. Everything must be asked for at once. */
  onTakingOver(transaction: IDBTransaction): void
  /** Another connection owns the database: this one must end. */
  onOvertaken(error: SpiceTimeError): void
}

/** Marks of earlier owners that are kept: one that sleeps through more openings than that is not told by them. */
const MARKS_KEPT = 4096

/**
 * The writes that only the owner of the database may do. A connection that was overtaken, and doesn't know, changes nothing: its writes
 * abort as a whole. Every request of a write is made at once, and its end asked for, so that an owner that freezes holds up nobody.
 */
export class OwnedWrites {
  readonly #database: IDBDatabase
  readonly #listener: OwnershipListener
  #epoch = 0
  /** The takeover that is under way. */
  #taking: IDBTransaction | undefined

  constructor(database: IDBDatabase, listener: OwnershipListener) {
    this.#database = database
    this.#listener = listener
  }

  /**
   * @see PackedDisk.takeOver
   * @param read reads alongside, in the same transaction
   */
  async takeOver<T>(count: number, read: (transaction: IDBTransaction) => Promise<T>): Promise<[LogRead, T]> {
    try {
      // All object stores, so that nothing of what is read is changed any more; a power cut ends earlier owners too, so it need not be strict.
      const transaction = this.#database.transaction([...STORES], 'readwrite', { durability: 'relaxed' })
      this.#taking = transaction
      const ended = completed(transaction)
      const start = fence(transaction, count)
      const alongside = read(transaction)
      this.#listener.onTakingOver(transaction)
      const [{ epoch, ...log }, found] = await Promise.all([start, alongside, ended])
      this.#epoch = epoch
      return [log, found]
    } catch (error) {
      throw storageFailure(error, 'take the database over')
    } finally {
      this.#taking = undefined
    }
  }

  /** Calls the takeover off, if it is still under way: one that happens later would take the database from somebody else. */
  giveUp(): void {
    this.#taking?.abort()
  }

  get epoch(): number {
    return this.#epoch
  }

  /** Makes the changes in one transaction on these object stores and that of the owner. @throws SpiceTimeError */
  async write(stores: readonly string[], purpose: Purpose, change: (transaction: IDBTransaction) => void): Promise<void> {
    try {
      const transaction = this.#database.transaction([...stores, 'owner'], 'readwrite', { durability: purpose.durability })
      const owner = transaction.objectStore('owner')
      // Fails, and the transaction with it, where a later owner has put its mark for this one. Nothing has to be read and looked at first.
      owner.add(true, this.#epoch)
      owner.delete(this.#epoch)
      change(transaction)
      transaction.commit()
      await completed(transaction)
    } catch (error) {
      throw this.failure(error, purpose.doing)
    }
  }

  /** What a failed write means: a row that is there already is another owner's. */
  failure(error: unknown, doing: string): SpiceTimeError {
    if (!(error instanceof DOMException) || error.name !== 'ConstraintError') return storageFailure(error, doing)
    const overtaken = overtakenError(error)
    this.#listener.onOvertaken(overtaken)
    return overtaken
  }
}

async function fence(transaction: IDBTransaction, count: number): Promise<LogRead & { readonly epoch: number }> {
  const commits = transaction.objectStore('commits')
  const owner = transaction.objectStore('owner')
  const before = Promise.all([result<unknown>(owner.get(OWNER_NOW)), result(commits.openKeyCursor(null, 'prev'))])
  const log = Promise.all([result(commits.getAllKeys(null, count)), result<unknown[]>(commits.getAll(null, count))])
  // The failure of the transaction is what the caller hears.
  log.catch(() => undefined)
  const [known, last] = await before
  const { epoch: previous, covered } = ownerOf(known)
  const epoch = previous + 1
  const sequence = Math.max(covered, Number(last?.key ?? 0)) + 1
  commits.add(fenceRow(), sequence)
  owner.put({ epoch, covered } satisfies OwnerRow, OWNER_NOW)
  owner.put(true, previous)
  owner.delete(IDBKeyRange.bound(0, Math.max(0, epoch - MARKS_KEPT)))
  transaction.commit()
  const [keys, values] = await log
  return { epoch, fence: sequence, covered, rows: values.map((bytes, at) => ({ sequence: Number(keys[at]), bytes: asBytes(bytes) })) }
}

function ownerOf(row: unknown): OwnerRow {
  const { epoch, covered } = typeof row === 'object' && row !== null ? (row as Partial<OwnerRow>) : {}
  return { epoch: typeof epoch === 'number' ? epoch : 0, covered: typeof covered === 'number' ? covered : 0 }
}
