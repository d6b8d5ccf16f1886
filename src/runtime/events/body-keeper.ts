import type { EventPayload } from '../codec/event-codec.js'
import type { ParsedInput } from '../codec/input-codec.js'
import type { Event, EventBody, EventContent } from '../model/event.js'
import type { Network } from '../model/network.js'
import type { SpaceAccess } from './space-directory.js'

/** Own content that does not fit into an event. */
export interface LargeContent {
  readonly content: EventContent
  readonly input: ParsedInput
  readonly access: SpaceAccess
}

/** The same with its body beside it. */
export interface SlimContent {
  readonly content: EventContent
  readonly payload: EventPayload
}

/** An event of another device that can be applied as soon as its body is here. */
export interface BodyWish {
  readonly event: Event
  readonly network: Network
}

export type BodyOutcome =
  | { readonly kind: 'here'; readonly body: EventBody }
  /** Not yet; with `until`, milliseconds since 1970, it is not looked for before. */
  | { readonly kind: 'missing'; readonly reason: string; readonly until?: number }

/** Bodies that do not fit into their events: docs/decisions/0024. Loaded with the first. */
export interface BodyKeeper {
  /** @throws SpiceTimeError EVENT_TOO_LARGE */
  setBeside(large: LargeContent): Promise<SlimContent>
  /**
   * What is known of a body. One that is missing is looked for from then on, and its event brought in again when something is known.
   * @throws SpiceTimeError EVENT_MALFORMED and the like: it is there, and is no body of that event, on any device and for ever
   */
  ask(wish: BodyWish): Promise<BodyOutcome>
}
