import type { AuthorId, SpaceReference } from './event.js'
import type { SpaceId } from './path.js'
import type { MergePolicy } from './state.js'

export interface Space {
  readonly id: SpaceId
  readonly name: string
  readonly reference: SpaceReference
  readonly founder: AuthorId
  readonly me: AuthorId
  /** Merge policy by collection, fixed by the founder; others follow the events (docs/decisions/0003). */
  readonly policies: { readonly [collection: string]: MergePolicy }
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export interface Member {
  readonly author: AuthorId
  readonly name: string
  readonly founder: boolean
  /** Milliseconds since 1970. */
  readonly joinedAt: number
}
