import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { asSpiceTimeError, SpiceTimeError } from './errors/spice-time-error.js'
import type { LiveChange } from './model/state-change.js'
import { documentOf, fieldsOf, parsePath } from './model/path.js'
import type { StatePath } from './model/path.js'
import { takeSession } from './page/live-session.js'
import { LiveField } from './page/live-field.js'
import { abortedError, closedError } from './page/call-errors.js'
import type { Transport } from './page/transport.js'
import { browserPlatform } from './platform/browser.js'
import type { LiveDocument, WaitOptions } from './runtime-client.js'

/** Milliseconds in which what is typed waits for company: one event holds all of it. */
const BURST = 50
/** Above the 48 bits of an author's own client id, see `state/merge/client-id.ts`. */
const SESSION_STEP = 2 ** 48

/** Opens the field at `path` for an editor. @throws SpiceTimeError as `RuntimeClient.doc` says */
export async function openDocument(transport: Transport, path: string, { signal }: WaitOptions = {}): Promise<LiveDocument> {
  const parsed = parsePath(path)
  if (documentOf(parsed) === undefined || fieldsOf(parsed).length === 0) {
    throw new SpiceTimeError('INPUT_MALFORMED', `'${path}' names no field of a document. A live document edits one field.`, { path })
  }
  if (signal?.aborted === true) throw abortedError('doc', signal)
  const session = await takeSession(parsed)
  return await new Promise((resolve, reject) => {
    const onAbort = (): void => void live.end(abortedError('doc', signal))
    signal?.addEventListener('abort', onAbort)
    const live = new OpenDocument(transport, { path: parsed, session: session.number, free: session.free }, (error) => {
      signal?.removeEventListener('abort', onAbort)
      if (error === undefined) resolve(live)
      else reject(error)
    })
    live.start()
  })
}

interface Place {
  readonly path: StatePath
  /** 1 to 31: this editor's number among those of its author. */
  readonly session: number
  readonly free: () => void
}

/** A copy of a document's Yjs document, kept in step with the worker's. */
class OpenDocument implements LiveDocument {
  readonly doc = new Y.Doc()
  readonly text: Y.Text
  readonly awareness: Awareness
  readonly closed: Promise<SpiceTimeError | undefined>
  readonly #transport: Transport
  readonly #place: Place
  readonly #field: LiveField
  readonly #onOpen: (error?: SpiceTimeError) => void
  #client: number | undefined
  #closeStream: () => void = () => undefined
  #resolveClosed: (error: SpiceTimeError | undefined) => void = () => undefined
  #ended = false
  #error: SpiceTimeError | undefined
  #pending: Uint8Array[] = []
  #moved = false
  #cancelBurst: (() => void) | undefined
  #flight: Promise<void> | undefined

  constructor(transport: Transport, place: Place, onOpen: (error?: SpiceTimeError) => void) {
    this.#transport = transport
    this.#place = place
    this.#onOpen = onOpen
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve))
    this.#field = new LiveField(this.doc, fieldsOf(place.path))
    this.text = this.#field.text
    this.awareness = new Awareness(this.doc)
  }

  start(): void {
    this.#closeStream = this.#transport.open(
      { kind: 'state', path: this.#place.path, live: true },
      {
        // A live stream brings nothing else.
        change: (change) => this.#take(change as LiveChange),
        // What follows is the whole document again: Yjs leaves out what is here.
        restarted: () => this.#tellAgain(),
        waits: () => this.#client === undefined,
        failed: (error) => void this.end(asSpiceTimeError(error)),
      },
    )
    if (this.#ended) this.#closeStream()
    this.doc.on('updateV2', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#written(update)
    })
    this.awareness.on('update', (_changes: unknown, origin: unknown) => {
      if (origin === this || this.#client === undefined) return
      this.#moved = true
      this.#flushSoon()
    })
    if (typeof addEventListener === 'function') addEventListener('pagehide', this.#onHide, { capture: true })
  }

  /** Resolves when all that was written is durable on this device. @throws SpiceTimeError why it will not be */
  async saved(): Promise<void> {
    while (!this.#ended && (this.#flight !== undefined || this.#pending.length > 0)) await this.#flush()
    if (this.#error !== undefined) throw this.#error
  }

  async close(): Promise<void> {
    if (this.#ended) return await this.closed.then(() => undefined)
    this.awareness.setLocalState(null)
    await this.saved()
    await this.#flush()
    await this.end(undefined)
  }

  /** Lets go of everything; `error`: why it could not go on. */
  end(error: SpiceTimeError | undefined): Promise<void> {
    if (this.#ended) return Promise.resolve()
    this.#ended = true
    this.#error = error
    this.#cancelBurst?.()
    if (typeof removeEventListener === 'function') removeEventListener('pagehide', this.#onHide, { capture: true })
    this.#closeStream()
    this.#place.free()
    this.awareness.destroy()
    this.#onOpen(error ?? closedError('doc'))
    this.#resolveClosed(error)
    return Promise.resolve()
  }

  /** Before the page's own last words, which keep what was not answered yet. */
  readonly #onHide = (): void => {
    this.#cancelBurst?.()
    this.#cancelBurst = undefined
    void this.#send()
  }

  /** The worker's memory of who is here went with its last life. */
  #tellAgain(): void {
    this.#moved = this.#client !== undefined
    if (this.#moved) this.#flushSoon()
  }

  #take({ client, update, awareness }: LiveChange): void {
    if (this.#ended) return
    if (update !== undefined) this.#field.merge(update, this)
    if (this.#client === undefined) this.#begin(client)
    for (const one of awareness) applyAwarenessUpdate(this.awareness, one, this)
    // Yjs takes another id when it meets its own in an update that is not its own.
    if (this.doc.clientID !== this.#client) {
      void this.end(new SpiceTimeError('CONFLICT', `'${this.#place.path}' was written under this editor's client id. Open it again.`))
    }
  }

  #begin(author: number): void {
    this.awareness.setLocalState(null)
    this.#client = author + this.#place.session * SESSION_STEP
    this.doc.clientID = this.#client
    this.awareness.clientID = this.#client
    this.#field.seed(this)
    this.awareness.setLocalState({})
    this.#onOpen()
  }

  #written(update: Uint8Array): void {
    this.#field.touched()
    this.#pending.push(update)
    this.#flushSoon()
  }

  #flushSoon(): void {
    this.#cancelBurst ??= browserPlatform.after(BURST, () => {
      this.#cancelBurst = undefined
      void this.#flush()
    })
  }

  async #flush(): Promise<void> {
    if (this.#flight !== undefined) return await this.#flight
    this.#flight = this.#send()
    await this.#flight
    this.#flight = undefined
    if (this.#pending.length > 0 || this.#moved) this.#flushSoon()
  }

  async #send(): Promise<void> {
    try {
      await this.#post()
      // After the text, so that a cursor never points at what the others do not have.
      if (this.#moved && this.#client !== undefined) {
        this.#moved = false
        const state = encodeAwarenessUpdate(this.awareness, [this.#client])
        await this.#transport.call({ method: 'live', subject: [this.#place.path, state], options: undefined })
      }
    } catch (error) {
      await this.end(asSpiceTimeError(error))
    }
  }

  async #post(): Promise<void> {
    if (this.#pending.length === 0) return
    const updates = [...this.#field.claim(this), ...this.#pending]
    const update = updates.length === 1 && updates[0] !== undefined ? updates[0] : Y.mergeUpdatesV2(updates)
    this.#pending = []
    const input = { path: this.#place.path, op: 'text', update }
    await this.#transport.call({ method: 'submitEvent', subject: [input], options: undefined })
  }
}
