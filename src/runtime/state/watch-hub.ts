import type { DocumentChange, StateChange, StateSnapshot } from '../model/state-change.js'
import { DOCUMENT_DEPTH, depthOf, documentOf } from '../model/path.js'
import type { DocumentPath, StatePath } from '../model/path.js'
import type { State } from '../model/state.js'
import type { Platform } from '../platform/platform.js'

/** Takes what a watch brings, as long as it is ready for more. */
export interface StateSink {
  /** Asked before each `deliver`; while false, only the latest is kept. */
  ready(): boolean
  deliver(change: StateChange): void
  /** The present could not be read: the watch ends with this. */
  failed(error: unknown): void
}

export interface StateWatch {
  /** The sink is ready again. */
  resume(): void
  unsubscribe(): void
}

/** A document after a transaction, as watches show it. */
export interface PublishedDocument {
  readonly change: DocumentChange
  stateAt(path: StatePath): State
}

/** How a watch reads the present. */
export interface WatchSource {
  readState(path: StatePath): Promise<State>
  /** Packed documents below a path, the last piece complete. */
  snapshot(path: StatePath): AsyncIterable<StateSnapshot>
}

/** Changes after the first wait for company this long, in milliseconds: one frame of a screen. */
export const FRAME = 16
/** A sink that is this many documents behind gets a snapshot instead. */
const MAX_BEHIND = 5000

/** Brings committed changes to watches: the first at once, later ones by frame, latest wins, the last never lost. */
export class WatchHub {
  readonly #platform: Platform
  readonly #source: WatchSource
  readonly #watches = new Map<string, Set<Watch>>()

  constructor(platform: Platform, source: WatchSource) {
    this.#platform = platform
    this.#source = source
  }

  /** Watches a path; the present comes first. */
  watch(path: StatePath, sink: StateSink): StateWatch {
    const surroundings = { platform: this.#platform, source: this.#source }
    const watch = depthOf(path) < DOCUMENT_DEPTH ? new TreeWatch(path, sink, surroundings) : new DocumentWatch(path, sink, surroundings)
    const key = documentOf(path) ?? path
    const peers = this.#watches.get(key) ?? new Set()
    peers.add(watch)
    this.#watches.set(key, peers)
    watch.start()
    return {
      resume: () => watch.flush(),
      unsubscribe: () => {
        watch.close()
        peers.delete(watch)
        if (peers.size === 0) this.#watches.delete(key)
      },
    }
  }

  get size(): number {
    return [...this.#watches.values()].reduce((sum, peers) => sum + peers.size, 0)
  }

  /** Documents of one durable transaction. */
  publish(documents: readonly PublishedDocument[]): void {
    if (this.#watches.size === 0) return
    const woken = new Set<Watch>()
    for (const document of documents) {
      for (const key of ancestorsOf(document.change.path)) {
        for (const watch of this.#watches.get(key) ?? []) {
          watch.take(document)
          woken.add(watch)
        }
      }
    }
    for (const watch of woken) watch.wake()
  }
}

/** The document, its collection, its space. */
function ancestorsOf(path: DocumentPath): readonly string[] {
  const collection = path.slice(0, path.lastIndexOf('/'))
  return [path, collection, collection.slice(0, collection.indexOf('/'))]
}

abstract class Watch {
  readonly path: StatePath
  protected readonly sink: StateSink
  protected readonly source: WatchSource
  readonly #platform: Platform
  #cancelFrame: (() => void) | undefined
  protected closed = false

  constructor(path: StatePath, sink: StateSink, { platform, source }: { readonly platform: Platform; readonly source: WatchSource }) {
    this.path = path
    this.sink = sink
    this.source = source
    this.#platform = platform
  }

  abstract start(): void
  abstract take(document: PublishedDocument): void
  /** Delivers what is kept, if the sink is ready. */
  abstract flush(): void

  wake(): void {
    if (this.#cancelFrame !== undefined) return
    this.flush()
    this.#cancelFrame = this.#platform.after(FRAME, () => {
      this.#cancelFrame = undefined
      this.flush()
    })
  }

  protected fail(error: unknown): void {
    if (this.closed) return
    this.close()
    this.sink.failed(error)
  }

  close(): void {
    this.closed = true
    this.#cancelFrame?.()
  }
}

class DocumentWatch extends Watch {
  #latest: State | undefined
  #started = false

  start(): void {
    this.#start().catch((error: unknown) => this.fail(error))
  }

  take(document: PublishedDocument): void {
    this.#latest = document.stateAt(this.path)
  }

  flush(): void {
    if (!this.#started || this.closed || this.#latest === undefined || !this.sink.ready()) return
    const state = this.#latest
    this.#latest = undefined
    this.sink.deliver({ kind: 'state', state })
  }

  /** A change that came while the present was read is newer than it. */
  async #start(): Promise<void> {
    const state = await this.source.readState(this.path)
    this.#latest ??= state
    this.#started = true
    this.flush()
  }
}

class TreeWatch extends Watch {
  #changes = new Map<DocumentPath, DocumentChange>()
  #pieces: AsyncIterator<StateSnapshot> | undefined
  #piece: StateSnapshot | undefined
  #reading = false
  #snapshotDone = false

  start(): void {
    this.#pieces = this.source.snapshot(this.path)[Symbol.asyncIterator]()
    this.#read()
  }

  take({ change }: PublishedDocument): void {
    this.#changes.set(change.path, change)
    if (this.#changes.size <= MAX_BEHIND || !this.#snapshotDone) return
    this.#changes.clear()
    this.#snapshotDone = false
    this.start()
  }

  flush(): void {
    if (this.closed || !this.sink.ready()) return
    if (!this.#snapshotDone) return this.#flushPiece()
    if (this.#changes.size === 0) return
    const changes = [...this.#changes.values()]
    this.#changes = new Map()
    this.sink.deliver({ kind: 'documents', changes })
  }

  #flushPiece(): void {
    const piece = this.#piece
    if (piece === undefined) return
    this.#piece = undefined
    this.sink.deliver(piece)
    if (piece.complete) {
      this.#snapshotDone = true
      this.flush()
    } else this.#read()
  }

  #read(): void {
    this.#readPiece().catch((error: unknown) => this.fail(error))
  }

  async #readPiece(): Promise<void> {
    if (this.#reading || this.closed) return
    this.#reading = true
    const next = await this.#pieces?.next().finally(() => (this.#reading = false))
    if (next === undefined || next.done === true) return
    this.#piece = next.value
    this.flush()
  }
}
