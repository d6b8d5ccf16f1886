import type { AnswerOf, StreamSpec } from '../../workers/protocol.js'
import type { ServiceMethod } from '../../workers/runtime-service.js'
import type { ConnectionReport, WaitOptions } from '../runtime-client.js'

/** A call as the client makes it: the arguments before the options, and the options with their signal. */
export interface Call<M extends ServiceMethod = ServiceMethod> {
  readonly method: M
  readonly subject: readonly unknown[]
  readonly options: WaitOptions | undefined
}

/** Takes what a stream brings, in order. */
export interface StreamReceiver {
  /** What it returns is waited for before more is sent than the stream's credits allow. */
  change(change: unknown): void | Promise<void>
  /** Of streams that take something from the page: how to send it. Called again after `restarted`. */
  opened?(send: (data: unknown) => void): void
  /** What follows starts again from the present: the worker was reached anew. */
  restarted(): void
  /** Whether a first value is still owed, since the start or the restart. */
  waits(): boolean
  /** No more will come. */
  failed(error: unknown): void
}

/** How a client reaches the runtime: over a port (`PortTransport`), or in the same process (`LocalTransport`). */
export interface Transport {
  readonly connection: ConnectionReport
  /** @see RuntimeClient.onConnection */
  onConnection(listener: (report: ConnectionReport) => void): () => void
  /** @throws SpiceTimeError whatever the runtime answers; ABORTED, RUNTIME_CLOSED */
  call<M extends ServiceMethod>(call: Call<M>): Promise<AnswerOf<M>>
  /** Returns the function that closes the stream. */
  open(stream: StreamSpec, receiver: StreamReceiver): () => void
  /** Rejects what waits with RUNTIME_CLOSED. The streams are the client's to end. */
  close(): Promise<void>
}
