import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import { PartQueue } from './file-messages.js'
import type { FileDown, FileStream, PutDown, PutStream } from './file-messages.js'
import type { RuntimeService } from './runtime-service.js'
import type { StreamPort } from './stream-port.js'

/** Feeds a stream with a file's bytes: every one of them, as fast as the page takes them. */
export async function streamFile(
  service: RuntimeService,
  { path, reference, offset, length }: FileStream,
  port: StreamPort,
): Promise<void> {
  const room = new Room(port)
  const range = { offset, ...(length === undefined ? {} : { length }), signal: room.signal }
  for await (const bytes of service.readFile(path, reference, range)) {
    if (!(await room.wait())) return
    // A copy, for they may be the store's own.
    const own = bytes.slice()
    port.send({ bytes: own } satisfies FileDown, [own.buffer])
  }
  if (await room.wait()) port.send({ end: true } satisfies FileDown)
}

/** Takes a file in, and tells the stream how far it is and which event it became. A stream that closes calls it off. */
export async function streamPut(service: RuntimeService, { path, source, options }: PutStream, port: StreamPort): Promise<void> {
  const room = new Room(port)
  let news: PutDown | undefined
  let done = 0
  const flush = (): void => {
    if (news === undefined || !port.ready()) return
    port.send(news)
    news = undefined
  }
  const tell = (): void => {
    news = { done, parts: parts.allowed }
    flush()
  }
  const parts = new PartQueue(tell)
  room.onRoom = flush
  // What waits for the next part must hear of it.
  room.signal.addEventListener('abort', () => parts.end())
  port.takeUp((data) => parts.hear(data, () => room.abort()))
  tell()
  const onProgress = (bytes: number): void => {
    done = bytes
    tell()
  }
  const id = await service.putFile(path, source ?? parts, { ...options, again: true, signal: room.signal, onProgress })
  if (await room.wait()) port.send({ id } satisfies PutDown)
}

/** Waits for credit; ends with the stream. */
class Room {
  readonly #port: StreamPort
  readonly #controller = new AbortController()
  #wake: () => void = () => undefined
  onRoom: () => void = () => undefined

  constructor(port: StreamPort) {
    this.#port = port
    port.onCredit = () => {
      this.onRoom()
      this.#wake()
    }
    port.onClose(() => this.abort())
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(): void {
    this.#controller.abort(new SpiceTimeError('ABORTED', 'The page no longer waits for this file.'))
    this.#wake()
  }

  /** Whether there is credit; false when the stream was closed. */
  async wait(): Promise<boolean> {
    while (!this.#port.ready()) {
      if (this.#port.closed) return false
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    return true
  }
}
