import type { AuthorId, EventId } from '../model/event.js'
import type { ChainHead, EventLog } from './log.js'

/** The heads of authors' chains, kept in memory once read. A batch works on its own copy and hands it back when it is written. */
export class AuthorChains {
  readonly #log: EventLog
  #heads = new Map<string, ChainHead>()

  constructor(log: EventLog) {
    this.#log = log
  }

  begin(): ChainBatch {
    return new ChainBatch(async (space, author) => this.#heads.get(keyOf(space, author)) ?? (await this.#log.chainHead(space, author)))
  }

  /** The batch's events are on their way to the store, which shows them to later reads. */
  keep(batch: ChainBatch): void {
    for (const [key, head] of batch.moved) this.#heads.set(key, head)
  }

  /** After a failed write or a fork: read again from the store. */
  forget(): void {
    this.#heads = new Map()
  }
}

export class ChainBatch {
  readonly moved = new Map<string, ChainHead>()
  readonly #found = new Map<string, ChainHead | undefined>()
  readonly #read: (space: string, author: AuthorId) => Promise<ChainHead | undefined>

  constructor(read: (space: string, author: AuthorId) => Promise<ChainHead | undefined>) {
    this.#read = read
  }

  async head(space: string, author: AuthorId): Promise<ChainHead | undefined> {
    const key = keyOf(space, author)
    const moved = this.moved.get(key)
    if (moved !== undefined) return moved
    if (!this.#found.has(key)) this.#found.set(key, await this.#read(space, author))
    return this.#found.get(key)
  }

  advance(space: string, author: AuthorId, head: { readonly seq: number; readonly id: EventId }): void {
    this.moved.set(keyOf(space, author), head)
  }
}

function keyOf(space: string, author: AuthorId): string {
  return `${space}/${author}`
}
