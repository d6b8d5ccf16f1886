import { shortIdOf } from '../codec/event-id.js'
import type { EventHeader, EventId } from '../model/event.js'

/** What this looks at of an event of a document's past. */
interface Past {
  readonly id: EventId
  readonly header: EventHeader
}

/** Who builds on a superseded event builds on what took its place. */
export function withStandIns<P extends Past>(past: readonly P[]): readonly P[] {
  const standIns = new Map<string, EventId>()
  for (const { id, header } of past) for (const short of header.supersedes ?? []) standIns.set(`${header.author}/${short}`, id)
  const known = new Set(past.map(({ id }) => id))
  const authors = [...new Set(past.map(({ header }) => header.author))]
  const standing = (name: EventId): EventId => {
    if (known.has(name)) return name
    const short = shortIdOf(name)
    return authors.map((author) => standIns.get(`${author}/${short}`)).find((id) => id !== undefined) ?? name
  }
  return past.map((event) => {
    const parents = event.header.parents.map(standing)
    return { ...event, header: { ...event.header, parents: [...new Set(parents)].filter((parent) => parent !== event.id) } }
  })
}
