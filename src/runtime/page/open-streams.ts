import type { StreamSpec } from '../../workers/protocol.js'
import type { Link } from './link.js'
import type { StreamReceiver } from './transport.js'

interface OpenStream {
  readonly stream: StreamSpec
  readonly receiver: StreamReceiver
  close: () => void
}

/** The streams of a page, which outlive the ports that carry them. */
export class OpenStreams {
  readonly #streams = new Set<OpenStream>()

  get size(): number {
    return this.#streams.size
  }

  /** Whether a stream still owes its first value. */
  get waits(): boolean {
    return [...this.#streams].some(({ receiver }) => receiver.waits())
  }

  /**
   * Begins on the link, where there is one, or with the next.
   * @returns what closes the stream
   */
  add(stream: StreamSpec, receiver: StreamReceiver, link: Link | undefined): () => void {
    const opened: OpenStream = { stream, receiver, close: () => undefined }
    this.#streams.add(opened)
    if (link !== undefined) this.#begin(opened, link)
    return () => {
      this.#streams.delete(opened)
      opened.close()
    }
  }

  /** Begins all again, from the present. */
  resume(link: Link): void {
    for (const opened of this.#streams) {
      opened.receiver.restarted()
      // One that can't go on has ended.
      if (!this.#streams.has(opened)) continue
      this.#begin(opened, link)
    }
  }

  /** Frees them at the host; they go on with the next one. */
  letGo(): void {
    for (const opened of this.#streams) opened.close()
  }

  failAll(error: unknown): void {
    const streams = [...this.#streams]
    this.#streams.clear()
    for (const { receiver } of streams) receiver.failed(error)
  }

  #begin(opened: OpenStream, link: Link): void {
    const { receiver } = opened
    opened.close = link.open(opened.stream, {
      change: (change) => receiver.change(change),
      opened: (send) => receiver.opened?.(send),
      failed: (error) => {
        this.#streams.delete(opened)
        receiver.failed(error)
      },
    })
  }
}
