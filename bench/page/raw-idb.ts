import { openDB } from 'idb'
import type { IDBPDatabase } from 'idb'
import { keyOf, taskRecord } from './records.js'

const RECORDS = 'records'

export function openRaw(name: string): Promise<IDBPDatabase> {
  return openDB(name, 1, { upgrade: (database) => void database.createObjectStore(RECORDS) })
}

/** One strict transaction, one row: what every acknowledged write costs by itself. */
export async function putRaw(database: IDBPDatabase, key: string, value: unknown): Promise<void> {
  const transaction = database.transaction(RECORDS, 'readwrite', { durability: 'strict' })
  await Promise.all([transaction.store.put(value, key), transaction.done])
}

export async function putRawBatch(database: IDBPDatabase, from: number, count: number): Promise<void> {
  const transaction = database.transaction(RECORDS, 'readwrite', { durability: 'strict' })
  const puts = Array.from({ length: count }, (_, index) => transaction.store.put(taskRecord(from + index), keyOf(from + index)))
  await Promise.all([...puts, transaction.done])
}

export async function getRaw(database: IDBPDatabase, key: string): Promise<unknown> {
  const value: unknown = await database.get(RECORDS, key)
  return value
}

export async function listRaw(database: IDBPDatabase): Promise<readonly unknown[]> {
  return await database.getAll(RECORDS)
}
