import { shortIdOf } from '../codec/event-id.js'
import type { EventHeader, EventId } from '../model/event.js'

/** What this looks at of an event of a document's past. */
interface Past {
  readonly id: EventId
  readonly header: EventHeader
}

interface Ground {
  /** What the past begins with, where this device started from a snapshot. */
  readonly base: { readonly heads: readonly EventId[] } | undefined
  /** What took the place of an event that is not in the past, as far as that is known. */
  readonly standing: (id: EventId) => Promise<EventId>
}

/** Who builds on a superseded event builds on what took its place. */
export async function withStandIns<P extends Past>(past: readonly P[], { base, standing }: Ground): Promise<readonly P[]> {
  const standIns = new Map<string, EventId>()
  for (const { id, header } of past) for (const short of header.supersedes ?? []) standIns.set(`${header.author}/${short}`, id)
  const known = new Set([...past.map(({ id }) => id), ...(base?.heads ?? [])])
  const authors = [...new Set(past.map(({ header }) => header.author))]
  const inPast = (name: EventId): EventId | undefined => {
    const short = shortIdOf(name)
    return authors.map((author) => standIns.get(`${author}/${short}`)).find((id) => id !== undefined)
  }
  const inBase = async (name: EventId): Promise<EventId | undefined> => {
    const head = base === undefined ? undefined : await standing(name)
    return head !== undefined && base?.heads.includes(head) === true ? head : undefined
  }
  const led = new Map<EventId, EventId>()
  for (const name of past.flatMap(({ header }) => header.parents)) {
    if (!known.has(name) && !led.has(name)) led.set(name, inPast(name) ?? (await inBase(name)) ?? name)
  }
  return past.map((event) => {
    const parents = event.header.parents.map((parent) => led.get(parent) ?? parent)
    return { ...event, header: { ...event.header, parents: [...new Set(parents)].filter((parent) => parent !== event.id) } }
  })
}
