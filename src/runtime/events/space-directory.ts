import type { SpaceCipher } from '../crypto/space-keys.js'
import type { AuthorId, EventContent, EventHeader } from '../model/event.js'
import type { SpaceId } from '../model/path.js'

/** What the intake must know of a space to make, open and admit its events. */
export interface SpaceAccess {
  readonly id: SpaceId
  /** The space on the wire: `me` or its reference. */
  readonly wire: string
  /** Epoch and cipher that new events are sealed with; undefined in `me`. */
  readonly sealing: { readonly epoch: number; readonly cipher: SpaceCipher } | undefined
  /** The cipher of an epoch; undefined when this device does not have the key. */
  cipherOf(epoch: number): SpaceCipher | undefined
  /**
   * Whether this author's first event opens a chain here: the founder's does, and one that proves an invitation.
   * Later events are admitted by the chain.
   * @throws SpiceTimeError AUTHOR_NOT_PERMITTED
   */
  admit(header: Pick<EventHeader, 'author' | 'seq'>, content: EventContent): Promise<void>
}

/** Implemented by the space manager. */
export interface SpaceDirectory {
  byId(id: SpaceId): SpaceAccess | undefined
  byWire(wire: string): SpaceAccess | undefined
  readonly me: AuthorId
}
