/** The result of a request; rejects with its error. */
export function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new DOMException('the request failed', 'UnknownError'))
  })
}

/** The bytes of a row. A row that is there and can't be read comes as no bytes: damaged, as any other damaged row. */
export function resultOrEmpty(request: IDBRequest<unknown>): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(asBytes(request.result))
    request.onerror = (event) => {
      if (!UNREADABLE.has(request.error?.name ?? '')) return reject(request.error ?? new DOMException('the request failed', 'UnknownError'))
      event.preventDefault()
      resolve(new Uint8Array(0))
    }
  })
}

/** How browsers say that a value's file is gone or its bytes make no sense. */
const UNREADABLE = new Set(['DataError', 'NotFoundError', 'NotReadableError'])

/** The bytes of a row, or none where something else lies. */
export function asBytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0)
}

/** Resolves when the transaction is durable. */
export function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new DOMException('the transaction was aborted', 'AbortError'))
  })
}

export interface KeyedBytes {
  readonly key: string
  readonly bytes: Uint8Array
}

interface RecordSource {
  getAllRecords(options: { query: IDBKeyRange; count: number; direction: 'prev' }): IDBRequest<{ key: IDBValidKey; value: unknown }[]>
}

/** How many of the last rows of a range one request gets: a cursor, where it must do, gets one. */
export function mostLastRecords(store: IDBObjectStore, count: number): number {
  return hasRecords(store) ? count : 1
}

/** The last rows of a range, last first, in one request: at most `mostLastRecords`. */
export async function lastRecords(store: IDBObjectStore, query: IDBKeyRange, count: number): Promise<KeyedBytes[]> {
  if (hasRecords(store)) {
    const records = await result(store.getAllRecords({ query, count, direction: 'prev' }))
    return records.map(({ key, value }) => ({ key: textOf(key), bytes: asBytes(value) }))
  }
  const cursor = await result(store.openCursor(query, 'prev'))
  return cursor === null ? [] : [{ key: textOf(cursor.key), bytes: asBytes(cursor.value) }]
}

function hasRecords(store: IDBObjectStore): store is IDBObjectStore & RecordSource {
  return 'getAllRecords' in store
}

function textOf(key: IDBValidKey): string {
  return typeof key === 'string' ? key : ''
}
