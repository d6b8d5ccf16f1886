import type { Diagnostics } from '../runtime/diagnostics/diagnostics.js'
import type { ErrorCode } from '../runtime/errors/codes.js'
import { asSpiceTimeError, SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import type { Platform } from '../runtime/platform/platform.js'
import { INBOX_STORE, requestInbox, ROW_VERSION } from './inbox-rows.js'
import type { InboxRow } from './inbox-rows.js'
import { KEYED_METHODS, parseRequest } from './protocol.js'
import type { CallRequest } from './protocol.js'

export interface InboxDrainParts {
  /** Of the runtime whose inbox it is. */
  readonly name: string
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  /** Does a call; it is told that the call may have been made before. */
  readonly run: (request: CallRequest) => Promise<unknown>
}

type Row = readonly [key: IDBValidKey, value: unknown]

/** Rows that one look takes in. */
const ROWS_PER_LOOK = 200
/** Milliseconds that the inbox may take to open. */
const OPEN_BOUND = 5000
/** The runtime can't take a call now: it and those behind it stay for the next time. */
const LATER: readonly ErrorCode[] = [
  'STORAGE_FULL',
  'STORAGE_FAILED',
  'STORAGE_CLOSED',
  'STORAGE_UNAVAILABLE',
  'STORAGE_BLOCKED',
  'RUNTIME_CLOSED',
]

/**
 * Makes the calls that pages left behind, in order. A call's row goes away once the call is durable or was refused for good, so a kill
 * anywhere between makes it again, and its key makes it count once.
 */
export class InboxDrain {
  readonly #parts: InboxDrainParts
  #running: Promise<void> | undefined
  #again = false
  /** Rows that stay, which were told once. */
  readonly #told = new Set<string>()

  constructor(parts: InboxDrainParts) {
    this.#parts = parts
  }

  /** Looks into the inbox until it is empty; never rejects. What fails is in the diagnostics, and is tried at the next call. */
  drain(): Promise<void> {
    this.#again = true
    this.#running ??= this.#drainAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #drainAll(): Promise<void> {
    while (this.#again) {
      this.#again = false
      try {
        await this.#drainOnce()
      } catch (error) {
        this.#tell(asSpiceTimeError(error, 'STORAGE_FAILED'))
      }
    }
  }

  async #drainOnce(): Promise<void> {
    const database = await openInbox(this.#parts)
    try {
      let rows = await readRows(database, undefined)
      while ((await this.#takeAll(database, rows)) === 'more') rows = await readRows(database, rows.at(-1)?.[0])
    } finally {
      database.close()
    }
  }

  async #takeAll(database: IDBDatabase, rows: readonly Row[]): Promise<'more' | 'ended'> {
    for (const [key, row] of rows) {
      const outcome = await this.#take(key, row)
      if (outcome === 'later') return 'ended'
      if (outcome === 'done') await deleteRow(database, key)
    }
    return rows.length === ROWS_PER_LOOK ? 'more' : 'ended'
  }

  /** `stays`: another build's, or not understood now; `later`: neither this one nor the next can be done now. */
  async #take(key: IDBValidKey, row: unknown): Promise<'done' | 'stays' | 'later'> {
    const request = this.#parse(key, row)
    if (request === undefined) return 'stays'
    try {
      await this.#parts.run({ ...request, options: { ...request.options, again: true } })
      return 'done'
    } catch (error) {
      const failure = asSpiceTimeError(error)
      this.#tell(failure)
      if (LATER.includes(failure.code)) return 'later'
      return failure.code === 'INTERNAL' ? 'stays' : 'done'
    }
  }

  #parse(key: IDBValidKey, row: unknown): CallRequest | undefined {
    try {
      return requestOf(row)
    } catch (error) {
      const name = JSON.stringify(key)
      if (!this.#told.has(name)) this.#tell(asSpiceTimeError(error))
      this.#told.add(name)
      return undefined
    }
  }

  #tell({ code, message }: SpiceTimeError): void {
    this.#parts.diagnostics.emit({ kind: 'background-failed', task: 'calls that a closed page left', code, reason: message })
  }
}

/** @throws SpiceTimeError PROTOCOL_MISMATCH, INPUT_MALFORMED */
function requestOf(row: unknown): CallRequest {
  const { version, request } = (typeof row === 'object' && row !== null ? row : {}) as Partial<InboxRow>
  if (version !== ROW_VERSION) throw notOurs(`it has format ${String(version)}, and this build reads ${ROW_VERSION}`)
  const parsed = parseRequest(request)
  if (parsed.method === 'cancel' || parsed.method === 'open' || !KEYED_METHODS.includes(parsed.method)) throw notOurs('it changes nothing')
  if (parsed.options.key === undefined) throw notOurs('it has no key')
  return parsed
}

function notOurs(why: string): SpiceTimeError {
  return new SpiceTimeError(
    'PROTOCOL_MISMATCH',
    `A call that a closed page left behind is not made: ${why}. It is kept for a build of this app that can make it: reload to get the newest.`,
  )
}

function openInbox({ name, platform }: InboxDrainParts): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = requestInbox(name)
    let late = false
    const cancel = platform.after(OPEN_BOUND, () => {
      late = true
      reject(
        new SpiceTimeError(
          'STORAGE_BLOCKED',
          `The inbox of '${name}' did not open within ${OPEN_BOUND / 1000} seconds. It is tried again.`,
        ),
      )
    })
    request.onerror = () => {
      cancel()
      reject(failed(request.error))
    }
    request.onsuccess = () => {
      cancel()
      const database = request.result
      if (late) return database.close()
      database.onversionchange = () => database.close()
      resolve(database)
    }
  })
}

function readRows(database: IDBDatabase, after: IDBValidKey | undefined): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(INBOX_STORE, 'readonly')
    const calls = transaction.objectStore(INBOX_STORE)
    const range = after === undefined ? null : IDBKeyRange.lowerBound(after, true)
    const keys = calls.getAllKeys(range, ROWS_PER_LOOK)
    const rows: IDBRequest<unknown[]> = calls.getAll(range, ROWS_PER_LOOK)
    transaction.oncomplete = () => resolve(keys.result.map((key, at) => [key, rows.result[at]]))
    transaction.onabort = () => reject(failed(transaction.error))
    transaction.commit()
  })
}

function deleteRow(database: IDBDatabase, key: IDBValidKey): Promise<void> {
  return new Promise((resolve, reject) => {
    // The call is durable: should a power cut bring its row back, its key is known.
    const transaction = database.transaction(INBOX_STORE, 'readwrite', { durability: 'relaxed' })
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(failed(transaction.error))
    transaction.objectStore(INBOX_STORE).delete(key)
    transaction.commit()
  })
}

function failed(error: unknown): SpiceTimeError {
  return new SpiceTimeError('STORAGE_FAILED', `The inbox could not be read (${String(error)}). It is tried again.`, {}, error)
}
