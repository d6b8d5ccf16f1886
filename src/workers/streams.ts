import { DIAGNOSTIC_HISTORY } from '../runtime/diagnostics/diagnostics.js'
import type { DiagnosticEntry, Diagnostics } from '../runtime/diagnostics/diagnostics.js'
import type { StateChange } from '../runtime/model/state-change.js'
import type { Platform } from '../runtime/platform/platform.js'
import type { StreamSpec } from './protocol.js'
import type { RuntimeService } from './runtime-service.js'
import type { StreamPort } from './stream-port.js'

/** Later changes of a feed that has no frames of its own wait this many milliseconds for company. */
const FRAME = 16

type StateStream = Extract<StreamSpec, { kind: 'state' }>

/** Feeds a stream with the states at or below a path. */
export async function streamState(service: RuntimeService, { path, live }: StateStream, port: StreamPort): Promise<void> {
  const deliver = (change: StateChange): void => port.send(change, change.kind === 'snapshot' ? buffersOf(change.documents) : [])
  const sink = { ready: () => port.ready(), deliver, failed: (error: unknown) => port.fail(error) }
  const subscription = await service.subscribeState(path, sink, live)
  port.onCredit = () => subscription.resume()
  port.onClose(() => subscription.unsubscribe())
  // Credit that came back before there was anything to resume.
  subscription.resume()
}

/** Feeds a stream with the networks' reports, latest wins. */
export function streamNetworks(service: RuntimeService, port: StreamPort): void {
  let latest: unknown
  const flush = (): void => {
    if (latest === undefined || !port.ready()) return
    port.send(latest)
    latest = undefined
  }
  port.onCredit = flush
  port.onClose(
    service.subscribeNetworks((reports) => {
      latest = reports
      flush()
    }),
  )
}

/** Feeds a stream with diagnostics: the history first, then batches by frame; a page that can't keep up loses the oldest. */
export function streamDiagnostics(diagnostics: Diagnostics, platform: Platform, port: StreamPort): void {
  let waiting: DiagnosticEntry[] = [...diagnostics.history()]
  let cancelFrame: (() => void) | undefined
  const flush = (): void => {
    if (waiting.length === 0 || !port.ready()) return
    port.send(waiting)
    waiting = []
  }
  const endFrame = (): void => {
    cancelFrame = undefined
    flush()
  }
  const unsubscribe = diagnostics.subscribe((entry) => {
    waiting.push(entry)
    if (waiting.length > DIAGNOSTIC_HISTORY * 2) waiting.splice(0, DIAGNOSTIC_HISTORY)
    cancelFrame ??= platform.after(FRAME, endFrame)
  })
  port.onCredit = flush
  port.onClose(() => {
    unsubscribe()
    cancelFrame?.()
  })
  flush()
}

/** The buffers of packed documents, each once, and only those that hold nothing else. */
export function buffersOf(documents: readonly Uint8Array[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const { buffer, byteLength } of documents) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffers.add(buffer)
  }
  return [...buffers]
}
