import type { FileContent, GetFileOptions, RuntimeClient } from '../runtime-client.js'
import type { FileDown } from '../../workers/file-messages.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { EventId } from '../model/event.js'
import { fileReference } from '../model/file.js'
import type { FileReference } from '../model/file.js'
import { abortedError } from './call-errors.js'
import { FilePut } from './file-put.js'
import type { StreamReceiver, Transport } from './transport.js'

/** @see RuntimeClient.putFile */
export function putFile(transport: Transport, ...[path, source, options = {}]: Parameters<RuntimeClient['putFile']>): Promise<EventId> {
  return new FilePut(transport, { path, source, options }).result
}

/** @see RuntimeClient.getFile */
export async function getFile(transport: Transport, path: string, options: GetFileOptions = {}): Promise<FileContent> {
  const { signal } = options
  const answer = await transport.call({ method: 'getState', subject: [path], options: signal === undefined ? {} : { signal } })
  const reference = answer.kind === 'state' ? fileReference(answer.state.value) : undefined
  if (reference === undefined)
    throw new SpiceTimeError('FILE_UNKNOWN', `There is no file at '${path}'. Read the state to see what there is.`, { path })
  return { reference, stream: new FileReading(transport, { path, reference, options }).stream }
}

interface Reading {
  readonly path: string
  readonly reference: FileReference
  readonly options: GetFileOptions
}

/** A file's bytes on their way to whoever reads them: held back while he does not, read on from where they were when the runtime moves. */
class FileReading implements StreamReceiver {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>
  readonly #reading: Reading
  /** Bytes that have come. */
  #read = 0
  #waits = true
  #over = false
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined
  #close: () => void = () => undefined
  readonly #held: (() => void)[] = []
  readonly #onAbort = (): void => this.failed(abortedError('getFile', this.#reading.options.signal))

  constructor(transport: Transport, reading: Reading) {
    this.#reading = reading
    this.stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        this.#controller = controller
      },
      pull: () => this.#held.splice(0).forEach((resume) => resume()),
      cancel: () => this.#finish(),
    })
    const { signal } = reading.options
    signal?.addEventListener('abort', this.#onAbort)
    if (signal?.aborted === true) this.#onAbort()
    else this.#close = transport.open(this.#spec(), this)
    // It may have failed at once.
    if (this.#over) this.#close()
  }

  change(change: unknown): void | Promise<void> {
    // A stream of a file brings nothing else.
    const down = change as FileDown
    this.#waits = false
    if (this.#over) return undefined
    if ('end' in down) {
      this.#controller?.close()
      return this.#finish()
    }
    this.#read += down.bytes.length
    this.#controller?.enqueue(down.bytes)
    return (this.#controller?.desiredSize ?? 0) > 0 ? undefined : new Promise((resolve) => this.#held.push(resolve))
  }

  restarted(): void {
    this.#waits = true
  }

  waits(): boolean {
    return this.#waits && !this.#over
  }

  failed(error: unknown): void {
    if (this.#over) return
    this.#controller?.error(error)
    this.#finish()
  }

  #finish(): void {
    this.#over = true
    this.#reading.options.signal?.removeEventListener('abort', this.#onAbort)
    this.#close()
    this.#held.splice(0).forEach((resume) => resume())
  }

  /** Read anew for each worker that is reached: from where the reading is by then. */
  #spec(): Parameters<Transport['open']>[0] {
    const { path, reference, options } = this.#reading
    const from = options.offset ?? 0
    const end = options.length === undefined ? undefined : from + options.length
    const at = (): number => from + this.#read
    return {
      ...{ kind: 'file' as const, path, reference },
      get offset() {
        return at()
      },
      ...(end === undefined
        ? {}
        : {
            get length() {
              return end - at()
            },
          }),
    }
  }
}
