import type { Diagnostics } from '../runtime/diagnostics/diagnostics.js'
import type { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import type { StateAnswer, StateChange } from '../runtime/model/state-change.js'
import type { State } from '../runtime/model/state.js'
import type { NetworkReport } from '../runtime/model/trace.js'
import type { AskSink, PageAnswer } from './page-ask.js'
import type { CreateSpaceOptions, ReadOptions, RuntimeClient, UndoOptions, WaitOptions } from '../runtime/runtime-client.js'

/** A call that is sent again with the key it had counts once. */
export interface KeyOptions {
  readonly key?: string
  /** The key may have been used in an earlier life of the runtime. */
  readonly again?: boolean
}

/** Takes what a subscription brings, as long as it is ready for more. */
export interface ChangeSink {
  /** Asked before each `deliver`; while false, only the latest is kept. */
  ready(): boolean
  deliver(change: StateChange): void
  /** The watch ends with this; nothing more is delivered. */
  failed(error: unknown): void
}
export interface StateSubscription {
  /** The sink is ready again: deliver what was kept. */
  resume(): void
  unsubscribe(): void
}

type Plain = Pick<
  RuntimeClient,
  | 'reached'
  | 'trace'
  | 'events'
  | 'networks'
  | 'configureNetworks'
  | 'syncNetworks'
  | 'definePolicy'
  | 'policy'
  | 'storage'
  | 'spaces'
  | 'invite'
  | 'joinSpace'
  | 'members'
>

/**
 * The one Runtime as its clients' side sees it (the class `Runtime` fits): the methods of `RuntimeClient`, with subscriptions for
 * streams and packed documents for subtrees.
 */
export interface RuntimeService extends Plain {
  submitEvent(
    input: Parameters<RuntimeClient['submitEvent']>[0],
    options?: WaitOptions & KeyOptions,
  ): ReturnType<RuntimeClient['submitEvent']>
  submitEvents(
    input: Parameters<RuntimeClient['submitEvents']>[0],
    options?: WaitOptions & KeyOptions,
  ): ReturnType<RuntimeClient['submitEvents']>
  /** Above documents: packed rows, in buffers that are the caller's to keep or transfer. */
  getState(path: string, options?: ReadOptions): Promise<StateAnswer>
  undo(options?: UndoOptions & KeyOptions): ReturnType<RuntimeClient['undo']>
  createSpace(options: CreateSpaceOptions & KeyOptions): ReturnType<RuntimeClient['createSpace']>
  /** The first change comes at once, later ones by frame. Buffers of a snapshot are the sink's to keep or transfer. */
  subscribeState(path: string, sink: ChangeSink, live?: true): Promise<StateSubscription>
  /** Awareness of an editor of a live document (a y-protocols update of one client), for its other editors; never stored. */
  live(path: string, awareness: Uint8Array): Promise<void>
  /** Calls back with the present reports at once, then with every change. */
  subscribeNetworks(listener: (reports: readonly NetworkReport[]) => void): () => void
  /** A page offers a service until the returned function is called. */
  offer(service: string, page: AskSink): Promise<() => void>
  /** What a page says of what it was asked. @throws SpiceTimeError INPUT_MALFORMED */
  answer(answer: PageAnswer): Promise<void>
  close(): Promise<void>
}

/** The methods that a page can call. */
export type ServiceMethod = Exclude<keyof RuntimeService, 'subscribeState' | 'subscribeNetworks' | 'offer' | 'close'>

/** The state of a document as it is stored; undefined where only the runtime can tell. */
export type EarlyRead = (path: string) => Promise<State | undefined>

export interface StartContext {
  /** Made before the runtime, so that a start that fails can be read there. */
  readonly diagnostics: Diagnostics
  /** Reads that need no more than the store are answered from here until the runtime has started. */
  onReadable(read: EarlyRead): void
  /** The runtime lost its storage and can't go on: its clients are told, and it is started again when the next page connects. */
  onEnded(error: SpiceTimeError): void
  /** Another owner has the database now: clients are sent there. */
  onOvertaken(): void
}
export type StartRuntime = (context: StartContext) => Promise<RuntimeService>
