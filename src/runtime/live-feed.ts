import { SpiceTimeError } from './errors/spice-time-error.js'
import type { SpaceReference } from './model/event.js'
import { documentOf, spaceOf } from './model/path.js'
import type { DocumentPath, StatePath } from './model/path.js'
import type { LiveChange } from './model/state-change.js'
import type { Platform } from './platform/platform.js'
import { AwarenessBoard } from './live-awareness.js'
import { LiveSignals } from './live-signals.js'
import type { ProviderSignals } from './networks/provider.js'
import type { KeyStore } from './storage/key-store.js'
import { loadAuthor } from './crypto/signing.js'
import type { EventProcessor } from './events/event-processor.js'
import type { Diagnostics } from './diagnostics/diagnostics.js'
import type { SpaceManager } from './spaces/space-manager.js'
import type { StateManager, StateSink, StateWatch } from './state/state-manager.js'

export interface LiveFeedParts {
  readonly state: StateManager
  readonly intake: Pick<EventProcessor, 'between'>
  readonly spaces: SpaceManager
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly keys: KeyStore
  readonly networks: readonly ProviderSignals[]
}

/** Feeds editors with what their copies of a document lack, and with what the other editors of the field say of themselves. */
export class LiveFeed {
  readonly #parts: LiveFeedParts
  readonly #boards = new Map<StatePath, AwarenessBoard>()

  readonly #signals: LiveSignals

  constructor(parts: LiveFeedParts) {
    this.#parts = parts
    this.#signals = new LiveSignals({
      ...parts,
      author: loadAuthor(parts.keys),
      onHeard: (path, awareness) => this.#heard(path, awareness),
    })
  }

  /** @throws SpiceTimeError POLICY_MISMATCH, SPACE_UNKNOWN, INPUT_MALFORMED */
  subscribe(path: StatePath, sink: StateSink): StateWatch {
    const document = documentOf(path)
    if (document === undefined || document === path) {
      throw new SpiceTimeError('INPUT_MALFORMED', `'${path}' names no field of a document. A live document edits one field.`, { path })
    }
    const space = this.#parts.spaces.get(spaceOf(path)).reference
    const board = this.#boardOf(path)
    const subscriber = new Subscriber({ ...this.#parts, document, space, board, sink })
    const leave = board.join(subscriber)
    const watch = this.#parts.state.watch(document, {
      ready: () => true,
      deliver: () => subscriber.changed(),
      failed: (error) => sink.failed(error),
    })
    return {
      resume: () => subscriber.flush(),
      unsubscribe: () => {
        subscriber.close()
        watch.unsubscribe()
        leave()
        if (board.empty) this.#boards.delete(path)
      },
    }
  }

  /** @throws SpiceTimeError INPUT_MALFORMED */
  tell(path: StatePath, awareness: Uint8Array): void {
    this.#boards.get(path)?.tell(awareness, 'here')
    this.#signals.send(path, awareness)
  }

  close(): void {
    this.#signals.close()
  }

  /** Whoever is new there does not know who is here. */
  #heard(path: StatePath, awareness: Uint8Array): void {
    const board = this.#boards.get(path)
    if (board?.tell(awareness, 'elsewhere') !== 'newcomer') return
    for (const own of board.here()) this.#signals.send(path, own)
  }

  #boardOf(path: StatePath): AwarenessBoard {
    const board = this.#boards.get(path) ?? new AwarenessBoard(this.#parts.platform)
    this.#boards.set(path, board)
    return board
  }
}

interface SubscriberParts extends LiveFeedParts {
  readonly document: DocumentPath
  readonly space: SpaceReference
  readonly board: AwarenessBoard
  readonly sink: StateSink
}

/** One editor. It is sent what is new since the last message, as often as it takes messages. */
class Subscriber {
  readonly #parts: SubscriberParts
  /** Told of since the last message, by awareness client. */
  readonly news = new Set<number>()
  #vector: Uint8Array | undefined
  #client = 0
  #dirty = false
  #reading = false
  #closed = false

  constructor(parts: SubscriberParts) {
    this.#parts = parts
  }

  changed(): void {
    this.#dirty = true
    this.flush()
  }

  flush(): void {
    if (this.#reading || this.#closed || !this.#parts.sink.ready() || !(this.#dirty || (this.news.size > 0 && this.#vector !== undefined)))
      return
    this.#reading = true
    this.#send()
      .catch((error: unknown) => this.#parts.sink.failed(error))
      .finally(() => {
        this.#reading = false
        this.flush()
      })
  }

  close(): void {
    this.#closed = true
  }

  async #send(): Promise<void> {
    const update = this.#dirty ? await this.#read() : undefined
    if (this.#closed) return
    const awareness = this.#parts.board.latest(this.news)
    this.news.clear()
    const change: LiveChange = { kind: 'live', client: this.#client, ...(update === undefined ? {} : { update }), awareness }
    this.#parts.sink.deliver(change)
  }

  async #read(): Promise<Uint8Array> {
    this.#dirty = false
    const { state, intake, document, space } = this.#parts
    const piece = await state.liveSince(document, { space, vector: this.#vector, between: (step) => intake.between(step) })
    this.#vector = piece.vector
    this.#client = piece.client
    return piece.update
  }
}
