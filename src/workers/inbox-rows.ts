import type { CallRequest } from './protocol.js'

/** The inbox: a database of its own beside the runtime's, which pages write on their way out and the owner reads. */
export const inboxName = (name: string): string => `${name}-inbox`
export const INBOX_STORE = 'calls'
/** Of the database; rows have a version of their own, so that a newer build's stay until one that reads them comes. */
const DATABASE_VERSION = 1
export const ROW_VERSION = 1

/** A call that a page sent and got no answer to. Its key in the store is `rowKey` of the call's own. */
export interface InboxRow {
  readonly version: number
  readonly request: CallRequest
}

/** Keys of one page sort as its calls were made: `<page>-<number>`. */
export function rowKey(callKey: string): [page: string, number: number] {
  const at = callKey.lastIndexOf('-')
  const number = Number(callKey.slice(at + 1))
  return at < 0 || !Number.isSafeInteger(number) ? [callKey, 0] : [callKey.slice(0, at), number]
}

/** Asks for the inbox, which is made where there is none. */
export function requestInbox(name: string): IDBOpenDBRequest {
  const request = indexedDB.open(inboxName(name), DATABASE_VERSION)
  request.onupgradeneeded = () => void request.result.createObjectStore(INBOX_STORE)
  return request
}
