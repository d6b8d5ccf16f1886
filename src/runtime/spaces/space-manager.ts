import type { Author } from '../crypto/signing.js'
import type { FileCipher } from '../crypto/file-cipher.js'
import { createSpaceCipher, deriveNetworkSecret } from '../crypto/space-keys.js'
import type { SpaceCipher } from '../crypto/space-keys.js'
import { PRIVATE } from '../codec/event-id.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { AuthorId, EventContent, EventHeader, EventInput } from '../model/event.js'
import { parseSpaceId, spaceOf } from '../model/path.js'
import type { DocumentPath, SpaceId } from '../model/path.js'
import type { Network } from '../model/network.js'
import type { Space } from '../model/space.js'
import type { MergePolicy } from '../model/state.js'
import type { Platform } from '../platform/platform.js'
import { prefixRange } from '../storage/store.js'
import type { Store, StoreChange } from '../storage/store.js'
import { referenceOf } from './genesis.js'
import { lineageToValue } from './lineage.js'
import { MEMBERS } from './members.js'
import type { SpaceWish } from './space-making.js'
import { decodeSpaceRecord, encodeSpaceRecord } from './space-record.js'
import type { SpaceRecord } from './space-record.js'

export { MEMBERS } from './members.js'
export { SpaceNeeds } from './space-needs.js'

/** What the intake must know of a space; the shape of `events/space-directory.ts`, whose port this implements. */
interface Access {
  readonly id: SpaceId
  readonly wire: string
  readonly sealing: { readonly epoch: number; readonly cipher: SpaceCipher } | undefined
  cipherOf(epoch: number): SpaceCipher | undefined
  admit(header: Pick<EventHeader, 'author' | 'seq'>, content: EventContent): Promise<void>
}

interface KnownSpace {
  readonly space: Space
  readonly record: SpaceRecord
  readonly access: Access
}

/** A space that is about to be: the event and the record that make it, for one transaction. */
export interface SpaceOpening {
  readonly space: Space
  /** The author's first event there; undefined when this device has joined before. */
  readonly first: EventInput | undefined
  readonly changes: readonly StoreChange[]
  /** Takes the space back when the transaction failed. */
  undo(): void
}

export interface SpaceManagerParts {
  readonly store: Store
  readonly author: Author
  readonly platform: Platform
}

/** The spaces of this device: their keys, who may write there, and the way in. */
export class SpaceManager {
  readonly me: AuthorId
  readonly #parts: SpaceManagerParts
  readonly #byId = new Map<SpaceId, KnownSpace>()
  readonly #byReference = new Map<string, KnownSpace>()
  readonly #private: Access

  private constructor(parts: SpaceManagerParts) {
    this.#parts = parts
    this.me = parts.author.id
    this.#private = privateSpace(this.me)
  }

  static async open(parts: SpaceManagerParts): Promise<SpaceManager> {
    const manager = new SpaceManager(parts)
    for await (const page of parts.store.range(prefixRange('+/s/'))) {
      for (const [, value] of page) await manager.#know(decodeSpaceRecord(value))
    }
    return manager
  }

  byId(id: SpaceId): Access | undefined {
    return id === PRIVATE ? this.#private : this.#byId.get(id)?.access
  }

  byWire(wire: string): Access | undefined {
    if (wire === PRIVATE) return this.#private
    return this.#byReference.get(wire)?.access
  }

  list(): readonly Space[] {
    return [...this.#byId.values()].map(({ space }) => space)
  }

  /** @throws SpiceTimeError SPACE_UNKNOWN */
  get(id: string): Space {
    return this.#known(id).space
  }

  /** What names the space on that network; of its first key, so that it stays when keys change. @throws SpiceTimeError SPACE_UNKNOWN */
  async secretFor(id: SpaceId, network: Network): Promise<Uint8Array> {
    const [first] = this.#known(id).record.keys
    if (first === undefined) throw new SpiceTimeError('INTERNAL', `The space '${id}' has no key.`, { space: id })
    return await deriveNetworkSecret(first, network)
  }

  /**
   * Seals and opens a file of the space: with its newest key, or that of an epoch.
   * @throws SpiceTimeError SPACE_UNKNOWN, CONTENT_UNREADABLE
   */
  async fileCipher(id: SpaceId, salt: Uint8Array, epoch?: number): Promise<{ readonly epoch: number; readonly cipher: FileCipher }> {
    const { keys } = this.#known(id).record
    const at = epoch ?? keys.length - 1
    const key = keys[at]
    // Loaded with the first file.
    const { createFileCipher, fileKeyMissing } = await import('../crypto/file-cipher.js')
    if (key === undefined) throw fileKeyMissing(id, at)
    return { epoch: at, cipher: await createFileCipher(key, salt) }
  }

  /** The merge policy that is declared for a document. */
  policyOf(document: DocumentPath): MergePolicy | undefined {
    const [, collection = ''] = document.split('/', 2)
    if (collection === MEMBERS) return 'last-writer'
    const known = this.#byId.get(spaceOf(document))
    return known !== undefined && Object.hasOwn(known.record.genesis.policies, collection)
      ? known.record.genesis.policies[collection]
      : undefined
  }

  /** @throws SpiceTimeError INPUT_MALFORMED, SPACE_TAKEN, PATH_MALFORMED */
  async create(wish: SpaceWish & { readonly as?: string }): Promise<SpaceOpening> {
    const { newRecord } = await import('./space-making.js')
    const record = newRecord(wish, { ...this.#parts, me: this.me, isTaken: (id) => this.#byId.has(id) })
    return await this.#openWith(record, wish.as)
  }

  /** @throws SpiceTimeError INVITE_MALFORMED, SPACE_TAKEN */
  async join(inviteText: string, as?: string): Promise<SpaceOpening> {
    const { acceptedRecord } = await import('./invitations.js')
    const joined = await acceptedRecord(inviteText, { me: this.me, spaceCalled: (id) => this.#byId.get(id)?.space })
    if ('known' in joined) return { space: joined.known, first: undefined, changes: [], undo: () => undefined }
    return await this.#openWith(joined.record, as)
  }

  /** @throws SpiceTimeError SPACE_UNKNOWN */
  async invite(id: string): Promise<string> {
    const { record, space } = this.#known(id)
    const { makeInvite } = await import('./invitations.js')
    return await makeInvite(record, space.reference, this.#parts.author)
  }

  async #openWith(record: SpaceRecord, as: string | undefined): Promise<SpaceOpening> {
    const { checkName } = await import('./space-making.js')
    const value = { name: as === undefined ? '' : checkName(as), lineage: lineageToValue(record.lineage) }
    const known = await this.#know(record)
    const { id } = known.space
    // Every network that carries the space's events must carry who came in first, or those would wait where only one network is there.
    const ordered = Object.values(record.genesis.policies).includes('consensus')
    return {
      space: known.space,
      first: { path: `${id}/${MEMBERS}/${this.me}`, op: 'put', value, requires: ordered ? ['team', 'consensus'] : 'team' },
      changes: [[`+/s/${id}`, encodeSpaceRecord(record)]],
      undo: () => {
        this.#byId.delete(id)
        this.#byReference.delete(known.space.reference)
      },
    }
  }

  async #know(record: SpaceRecord): Promise<KnownSpace> {
    const { genesis, name, keys } = record
    const reference = await referenceOf(genesis)
    const ciphers = await Promise.all(
      keys.map((key) => createSpaceCipher(key, reference, (length) => this.#parts.platform.randomBytes(length))),
    )
    const last = ciphers.at(-1)
    const space: Space = {
      id: genesis.id,
      name,
      reference,
      founder: genesis.founder,
      me: this.me,
      policies: genesis.policies,
      createdAt: genesis.createdAt,
    }
    const access: Access = {
      id: genesis.id,
      wire: reference,
      sealing: last === undefined ? undefined : { epoch: ciphers.length - 1, cipher: last },
      cipherOf: (epoch) => ciphers[epoch],
      admit: async (header, content) => {
        // Loaded with the first event of somebody else.
        const { admit } = await import('./admission.js')
        await admit({ reference, founder: genesis.founder, id: genesis.id }, header, content)
      },
    }
    const known = { space, record, access }
    this.#byId.set(genesis.id, known)
    this.#byReference.set(reference, known)
    return known
  }

  #known(id: string): KnownSpace {
    const known = this.#byId.get(parseSpaceId(id))
    if (known !== undefined) return known
    const hint =
      id === PRIVATE
        ? "'me' stays on this device and can't be shared; create a space."
        : 'Create it with createSpace, or join it with an invite.'
    throw new SpiceTimeError('SPACE_UNKNOWN', `This device has no space '${id}' to work with. ${hint}`, { space: id })
  }
}

function privateSpace(me: AuthorId): Access {
  return {
    id: parseSpaceId(PRIVATE),
    wire: PRIVATE,
    sealing: undefined,
    cipherOf: () => undefined,
    admit: async ({ author }) => {
      if (author !== me) throw (await import('./admission.js')).notPermitted(parseSpaceId(PRIVATE), author, "'me' has one author")
    },
  }
}
