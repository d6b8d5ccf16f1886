import { INBOX_STORE, requestInbox, ROW_VERSION, rowKey } from '../../workers/inbox-rows.js'
import type { InboxRow } from '../../workers/inbox-rows.js'
import type { CallRequest } from '../../workers/protocol.js'

/** Where a page that goes away leaves the calls that were not answered. */
export interface Inbox {
  /** Opens the connection, so that it is there when the page goes. Cheap to call again. */
  open(): void
  /** Writes the calls (each with a key), in order. What is asked for in `pagehide` gets done though the page is gone. */
  keep(calls: readonly CallRequest[]): void
  /** The call of that key was answered after all, since the page came back. */
  settled(key: string): void
  close(): void
}

/**
 * The inbox of the runtime of that name. Where the browser refuses storage nothing is kept: the runtime could not keep it either.
 */
export function openInbox(name: string): Inbox {
  let opening = false
  let closed = false
  let database: IDBDatabase | undefined
  const kept = new Set<string>()
  const waiting: ((calls: IDBObjectStore) => void)[] = []

  const forget = (): void => {
    opening = false
    database = undefined
  }
  const write = (change: (calls: IDBObjectStore) => void): void => {
    if (database === undefined) {
      waiting.push(change)
      return open()
    }
    try {
      const transaction = database.transaction(INBOX_STORE, 'readwrite', { durability: 'relaxed' })
      change(transaction.objectStore(INBOX_STORE))
      // A page that is gone could not answer the database when it asks whether there is more.
      transaction.commit()
    } catch (error) {
      if (!isClosed(error)) throw error
      forget()
    }
  }
  const open = (): void => {
    if (opening || closed || typeof indexedDB === 'undefined') return
    opening = true
    const request = requestInbox(name)
    request.onerror = forget
    request.onsuccess = () => {
      const opened = request.result
      if (closed) return opened.close()
      database = opened
      opened.onclose = forget
      opened.onversionchange = () => {
        opened.close()
        forget()
      }
      for (const change of waiting.splice(0)) write(change)
    }
  }

  return {
    open,
    keep(calls) {
      const rows = calls.filter((request) => request.options.key !== undefined)
      if (rows.length === 0) return
      for (const { options } of rows) kept.add(options.key ?? '')
      for (const together of apart(rows)) write((store) => together.forEach((request) => put(store, request)))
    },
    settled(key) {
      if (kept.delete(key)) write((store) => void store.delete(rowKey(key)))
    },
    close() {
      closed = true
      database?.close()
      database = undefined
    },
  }
}

/** Calls by transaction. A file that the browser can't copy in time is not kept, and its submit has not resolved; it takes no other call with it. */
function apart(calls: readonly CallRequest[]): readonly (readonly CallRequest[])[] {
  const light = calls.filter((request) => !holdsBlob(request))
  const heavy = calls.filter(holdsBlob).map((request) => [request])
  return light.length === 0 ? heavy : [light, ...heavy]
}

function holdsBlob({ subject }: CallRequest): boolean {
  const inputs: readonly unknown[] = subject.flat()
  return inputs.some((input) => typeof input === 'object' && input !== null && 'value' in input && input.value instanceof Blob)
}

function put(store: IDBObjectStore, request: CallRequest): void {
  const row: InboxRow = { version: ROW_VERSION, request }
  try {
    store.put(row, rowKey(request.options.key ?? ''))
  } catch (error) {
    // What can't be copied could not be sent either: its call has failed with that.
    if (!(error instanceof DOMException && error.name === 'DataCloneError')) throw error
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'InvalidStateError'
}
