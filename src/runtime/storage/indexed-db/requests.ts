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
    request.onsuccess = () => resolve(request.result instanceof Uint8Array ? request.result : new Uint8Array(0))
    request.onerror = (event) => {
      if (!UNREADABLE.has(request.error?.name ?? '')) return reject(request.error ?? new DOMException('the request failed', 'UnknownError'))
      event.preventDefault()
      resolve(new Uint8Array(0))
    }
  })
}

/** How browsers say that a value's file is gone or its bytes make no sense. */
const UNREADABLE = new Set(['DataError', 'NotFoundError', 'NotReadableError'])

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

/** The last rows of a range, last first: in one request where the browser can, else row by row. */
export function lastRecords(store: IDBObjectStore, query: IDBKeyRange, count: number): Promise<KeyedBytes[]> {
  return hasRecords(store) ? fromRecords(store, query, count) : fromCursor(store, query, count)
}

async function fromRecords(store: RecordSource, query: IDBKeyRange, count: number): Promise<KeyedBytes[]> {
  const records = await result(store.getAllRecords({ query, count, direction: 'prev' }))
  return records.map(({ key, value }) => ({ key: textOf(key), bytes: value instanceof Uint8Array ? value : new Uint8Array(0) }))
}

function fromCursor(store: IDBObjectStore, query: IDBKeyRange, count: number): Promise<KeyedBytes[]> {
  const found: KeyedBytes[] = []
  const request = store.openCursor(query, 'prev')
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error ?? new DOMException('the request failed', 'UnknownError'))
    request.onsuccess = () => {
      const cursor = request.result
      if (cursor === null) return resolve(found)
      const value: unknown = cursor.value
      found.push({ key: textOf(cursor.key), bytes: value instanceof Uint8Array ? value : new Uint8Array(0) })
      if (found.length === count) resolve(found)
      else cursor.continue()
    }
  })
}

function hasRecords(store: IDBObjectStore | RecordSource): store is RecordSource {
  return 'getAllRecords' in store
}

function textOf(key: IDBValidKey): string {
  return typeof key === 'string' ? key : ''
}
