import type { FileReference } from '../runtime/model/file.js'
import type { EventId } from '../runtime/model/event.js'
import type { PutFileOptions } from '../runtime/runtime-client.js'

/** A file's content, from where the reading has come to, as `FileDown`: a page that reaches another worker reads on. */
export interface FileStream {
  readonly kind: 'file'
  readonly path: string
  readonly reference: FileReference
  readonly offset: number
  readonly length?: number
}
export type FileDown = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly end: true }

/** Content on its way in. Without `source` it comes in parts, as `PutUp`; what becomes of it goes down, as `PutDown`. */
export interface PutStream {
  readonly kind: 'put'
  readonly path: string
  readonly source?: Blob
  readonly options: Omit<PutFileOptions, 'signal' | 'onProgress'> & { readonly key: string }
}
export type PutUp = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly end: true } | { readonly abort: true }
export type PutDown =
  /** Bytes that are done, and parts that may have been sent by now: both since the beginning, so that only the newest counts. */
  { readonly done: number; readonly parts: number } | { readonly id: EventId }

/** Most bytes of one part. */
export const PART_BYTES = 262_144
/** Parts that may be under way. */
const PARTS_AHEAD = 8

function parsePutUp(data: unknown): PutUp | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  if ('abort' in data && data.abort === true) return { abort: true }
  if ('end' in data && data.end === true) return { end: true }
  return 'bytes' in data && data.bytes instanceof Uint8Array ? { bytes: new Uint8Array(data.bytes) } : undefined
}

/** Parts that came, for whoever takes them one after the other. */
export class PartQueue implements AsyncIterable<Uint8Array<ArrayBuffer>> {
  readonly #waiting: Uint8Array<ArrayBuffer>[] = []
  readonly #onAllowed: (parts: number) => void
  #ended = false
  #allowed = PARTS_AHEAD
  #wake: () => void = () => undefined

  /** @param onAllowed told how many parts may have been sent, since the beginning */
  constructor(onAllowed: (parts: number) => void) {
    this.#onAllowed = onAllowed
  }

  get allowed(): number {
    return this.#allowed
  }

  /** Takes a message of the page's; one that is none says nothing. */
  hear(data: unknown, abort: () => void): void {
    const message = parsePutUp(data)
    if (message === undefined) return
    if ('abort' in message) abort()
    else if ('end' in message) this.end()
    else {
      this.#waiting.push(message.bytes)
      this.#wake()
    }
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    while (true) {
      const part = this.#waiting.shift()
      if (part !== undefined) {
        this.#onAllowed(++this.#allowed)
        yield part
      } else if (this.#ended) return
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
