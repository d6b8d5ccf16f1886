import { PART_BYTES } from '../../workers/file-messages.js'
import type { PutDown, PutStream, PutUp } from '../../workers/file-messages.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { EventId } from '../model/event.js'
import { browserPlatform } from '../platform/browser.js'
import { randomHex } from '../platform/random-hex.js'
import type { PutFileOptions } from '../runtime-client.js'
import { abortedError } from './call-errors.js'
import type { StreamReceiver, Transport } from './transport.js'

interface Put {
  readonly path: string
  readonly source: Blob | ReadableStream<Uint8Array>
  readonly options: PutFileOptions
}

/** A file on its way to the runtime. Its key makes it count once, whatever is sent again. */
export class FilePut implements StreamReceiver {
  readonly result: Promise<EventId>
  readonly #put: Put
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  #settle: { readonly resolve: (id: EventId) => void; readonly reject: (error: unknown) => void } | undefined
  #send: (message: PutUp) => void = () => undefined
  #close: () => void = () => undefined
  #waits = true
  /** Parts that were sent, and that may have been. */
  #sent = 0
  #parts = 0
  #onParts: () => void = () => undefined
  #pumping = false
  readonly #onAbort = (): void => this.#send({ abort: true })

  constructor(transport: Transport, put: Put) {
    this.#put = put
    const { source, options } = put
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.#reader = source instanceof Blob ? undefined : source.getReader()
    options.signal?.addEventListener('abort', this.#onAbort)
    if (options.signal?.aborted === true) this.failed(abortedError('putFile', options.signal))
    else this.#close = transport.open(specOf(put), this)
    // It may have failed at once.
    if (this.#settle === undefined) this.#close()
  }

  opened(send: (data: unknown) => void): void {
    this.#send = send
    if (this.#put.options.signal?.aborted === true) this.#onAbort()
  }

  change(change: unknown): void {
    // A stream of a put brings nothing else.
    const down = change as PutDown
    this.#waits = false
    if (this.#settle === undefined) return
    if ('id' in down) {
      this.#settle.resolve(down.id)
      return this.#finish()
    }
    this.#put.options.onProgress?.(down.done)
    this.#parts = down.parts
    this.#onParts()
    if (this.#reader !== undefined && !this.#pumping) void this.#pump(this.#reader)
  }

  restarted(): void {
    this.#waits = true
    if (!this.#pumping) return
    this.failed(
      new SpiceTimeError(
        'CONTENT_UNAVAILABLE',
        'The runtime ended while a stream was being stored, and a stream can be read only once. Nothing of it is kept: begin again.',
      ),
    )
  }

  waits(): boolean {
    return this.#waits && this.#settle !== undefined
  }

  failed(error: unknown): void {
    this.#settle?.reject(error)
    this.#finish()
  }

  #finish(): void {
    this.#settle = undefined
    this.#put.options.signal?.removeEventListener('abort', this.#onAbort)
    this.#close()
    this.#onParts()
    // Whoever feeds the stream may stop; when it has ended already there is nothing to stop.
    this.#reader?.cancel().catch(() => undefined)
  }

  /** Never rejects. */
  async #pump(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    this.#pumping = true
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        await this.#sendParts(next.value)
        if (this.#settle === undefined) return
      }
      this.#send({ end: true })
    } catch (error) {
      this.failed(
        new SpiceTimeError('CONTENT_UNAVAILABLE', `The source of the file failed (${String(error)}); nothing of it is kept.`, {}, error),
      )
    }
  }

  async #sendParts(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PART_BYTES) {
      await this.#room()
      if (this.#settle === undefined) return
      this.#sent += 1
      this.#send({ bytes: bytes.slice(at, at + PART_BYTES) })
    }
  }

  async #room(): Promise<void> {
    while (this.#sent >= this.#parts && this.#settle !== undefined) await new Promise<void>((resolve) => (this.#onParts = resolve))
  }
}

function specOf({ path, source, options: { signal: _signal, onProgress: _onProgress, ...plain } }: Put): PutStream {
  // A file loses its name where it is cloned in Node.
  const named = plain.name === undefined && 'name' in source && typeof source.name === 'string' ? { name: source.name } : {}
  const options = { ...plain, ...named, key: randomHex(browserPlatform, 16) }
  return { kind: 'put', path, options, ...(source instanceof Blob ? { source } : {}) }
}
