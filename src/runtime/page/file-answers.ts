import { parseFileAsk, servedRange } from '../../workers/file-serving.js'
import type { FileAsk, FileReply } from '../../workers/file-serving.js'
import { asSpiceTimeError, SpiceTimeError } from '../errors/spice-time-error.js'
import { fileReference } from '../model/file.js'
import { getFile } from './file-client.js'
import type { Transport } from './transport.js'

const transports = new Set<Transport>()

/** Answers the origin's service worker with files of the runtime, until the returned function is called. */
export function answerServiceWorker(transport: Transport): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined
  if (transports.size === 0) navigator.serviceWorker.addEventListener('message', onMessage)
  transports.add(transport)
  return () => {
    transports.delete(transport)
    if (transports.size === 0) navigator.serviceWorker.removeEventListener('message', onMessage)
  }
}

function onMessage({ data, ports }: MessageEvent<unknown>): void {
  const ask = parseFileAsk(data)
  const [port] = ports
  if (ask !== undefined && port !== undefined) void answer(ask, port)
}

/** Never rejects. */
async function answer(ask: FileAsk, port: MessagePort): Promise<void> {
  const say = (reply: FileReply): void => port.postMessage(reply)
  const controller = new AbortController()
  // One wish at a time, and the first may come before there is anything to give.
  const wishes: (() => void)[] = []
  let wished = 0
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === 'cancel') controller.abort()
    else wished += 1
    wishes.splice(0).forEach((wake) => wake())
  }
  const more = async (): Promise<void> => {
    while (wished === 0 && !controller.signal.aborted) await new Promise<void>((resolve) => wishes.push(resolve))
    wished -= 1
  }
  say({ taken: true })
  try {
    await more()
    const { transport, size } = await holderOf(ask.path, controller.signal)
    const range = servedRange(ask.range, size)
    const part = range === undefined || range === 'none' ? {} : range
    const { reference, stream } = await getFile(transport, ask.path, { ...part, signal: controller.signal })
    say({ reference, offset: 0, length: reference.size, ...part })
    const reader = stream.getReader()
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      await more()
      say({ bytes: next.value })
    }
    await more()
    say({ end: true })
  } catch (error) {
    const { code, message } = asSpiceTimeError(error)
    say({ failed: message, code })
  } finally {
    port.onmessage = null
  }
}

/** The runtime of this page that knows a file there; a page has seldom more than one. */
async function holderOf(path: string, signal: AbortSignal): Promise<{ readonly transport: Transport; readonly size: number }> {
  for (const transport of transports) {
    const answered = await transport.call({ method: 'getState', subject: [path], options: { signal } })
    const reference = answered.kind === 'state' ? fileReference(answered.state.value) : undefined
    if (reference !== undefined) return { transport, size: reference.size }
  }
  throw new SpiceTimeError('FILE_UNKNOWN', `There is no file at '${path}'.`, { path })
}
