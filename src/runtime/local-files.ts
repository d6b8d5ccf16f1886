import { PartQueue } from '../workers/file-messages.js'
import type { FileDown, FileStream, PutDown, PutStream } from '../workers/file-messages.js'
import type { RuntimeService } from '../workers/runtime-service.js'
import { asSpiceTimeError } from './errors/spice-time-error.js'
import type { StreamReceiver } from './page/transport.js'

/** A stream of a file, in or out, where the runtime is in this process. Returns the function that closes it. */
export function openLocalFile(runtime: RuntimeService, stream: FileStream | PutStream, receiver: StreamReceiver): () => void {
  const controller = new AbortController()
  const run = stream.kind === 'file' ? read(runtime, stream, { receiver, controller }) : put(runtime, stream, { receiver, controller })
  run.catch((error: unknown) => receiver.failed(asSpiceTimeError(error)))
  return () => controller.abort()
}

interface LocalStream {
  readonly receiver: StreamReceiver
  readonly controller: AbortController
}

async function read(
  runtime: RuntimeService,
  { path, reference, offset, length }: FileStream,
  { receiver, controller: { signal } }: LocalStream,
): Promise<void> {
  for await (const bytes of runtime.readFile(path, reference, { offset, ...(length === undefined ? {} : { length }), signal })) {
    if (signal.aborted) return
    // A copy, for they may be the store's own.
    await receiver.change({ bytes: bytes.slice() } satisfies FileDown)
  }
  await receiver.change({ end: true } satisfies FileDown)
}

async function put(runtime: RuntimeService, { path, source, options }: PutStream, { receiver, controller }: LocalStream): Promise<void> {
  let done = 0
  const tell = (): void => void receiver.change({ done, parts: parts.allowed } satisfies PutDown)
  const parts = new PartQueue(tell)
  controller.signal.addEventListener('abort', () => parts.end())
  receiver.opened?.((data) => parts.hear(data, () => controller.abort()))
  tell()
  const onProgress = (bytes: number): void => {
    done = bytes
    tell()
  }
  const id = await runtime.putFile(path, source ?? parts, { ...options, again: true, signal: controller.signal, onProgress })
  await receiver.change({ id } satisfies PutDown)
}
