import { attachSignature, encodeUnsigned } from '../codec/event-codec.js'
import type { EventPayload } from '../codec/event-codec.js'
import { toBase32 } from '../codec/base32.js'
import { computeEventId } from '../codec/event-id.js'
import { authorOf, generateAuthorPair } from '../crypto/signing.js'
import type { Author } from '../crypto/signing.js'
import { EVENT_VERSION } from '../model/event.js'
import type { EventId } from '../model/event.js'
import type { Requirement } from '../model/network.js'
import { parseEventPath } from '../model/path.js'
import type { StatePath } from '../model/path.js'
import type { ProviderEvent } from '../networks/provider.js'

export interface FactoryWishes {
  readonly needs?: readonly Requirement[]
  readonly path?: string
  /** Makes the event larger by about as many bytes. */
  readonly padding?: number
  /** Without a parent; default: the child of the one before it. */
  readonly alone?: boolean
}

export type FactoryEvent = ProviderEvent & { readonly path: StatePath }

/** Makes valid, signed, public events of one author: each the child of the one before it. */
export class EventFactory {
  readonly #author: Author
  readonly #space: string
  #last: { readonly seq: number; readonly id: EventId } | undefined

  private constructor(author: Author, space: string) {
    this.#author = author
    this.#space = space
  }

  /** @param space bytes of the space's reference, 32; default: all zero */
  static async create(space: Uint8Array = new Uint8Array(32)): Promise<EventFactory> {
    return new EventFactory(await authorOf(await generateAuthorPair()), toBase32(space))
  }

  async event({ needs = ['team'], path = 'space/things/one', padding = 0, alone = false }: FactoryWishes = {}): Promise<FactoryEvent> {
    const parsed = parseEventPath(path)
    const seq = this.#last === undefined ? 0 : this.#last.seq + 1
    const header = {
      v: EVENT_VERSION,
      space: this.#space,
      author: this.#author.id,
      seq,
      ...(this.#last === undefined ? {} : { previous: this.#last.id }),
      parents: this.#last === undefined || alone ? [] : [this.#last.id],
      time: seq + 1,
      needs,
    } as const
    const payload: EventPayload = {
      kind: 'open',
      content: { path: parsed, op: 'put', body: { value: { number: seq, padding: 'x'.repeat(padding) } } },
    }
    const unsigned = encodeUnsigned(header, payload)
    const bytes = attachSignature(header, payload, { unsigned, signature: await this.#author.sign(unsigned) })
    const id = await computeEventId(bytes)
    this.#last = { seq, id }
    return { id, space: this.#space, bytes, needs, path: parsed }
  }

  async events(count: number, wishes?: FactoryWishes): Promise<readonly FactoryEvent[]> {
    const events: FactoryEvent[] = []
    for (let index = 0; index < count; index++) events.push(await this.event(wishes))
    return events
  }
}
