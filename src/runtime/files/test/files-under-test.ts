import { createFileCipher } from '../../crypto/file-cipher.js'
import type { FileReference } from '../../model/file.js'
import type { SpaceReference } from '../../model/event.js'
import type { SpaceId } from '../../model/path.js'
import { parseSpaceId } from '../../model/path.js'
import { nodePlatform } from '../../platform/node.js'
import { FileManager } from '../file-manager.js'
import type { GetOptions, Pieces, PutOptions } from '../file-manager.js'
import { MemoryContent } from './memory-content.js'

type Bytes = Uint8Array<ArrayBuffer>

export const SPACE = parseSpaceId('acme')

/** A file manager over content in memory, with a key for each space. */
export class FilesUnderTest {
  readonly content = new MemoryContent()
  readonly files: FileManager
  /** What a kill would leave. */
  readonly unnamed = new Set<string>()
  readonly #keys = new Map<SpaceId, Bytes>()

  constructor() {
    this.files = new FileManager({
      platform: nodePlatform,
      content: () => Promise.resolve(this.content),
      unnamed: {
        note: (cid, known) => Promise.resolve(void (known || this.unnamed.add(cid))),
        forget: (cid) => Promise.resolve(void this.unnamed.delete(cid)),
      },
      keys: {
        wireName: (space) => (space === 'me' ? undefined : (space as string as SpaceReference)),
        cipher: async (space, salt) => ({ epoch: 0, cipher: await createFileCipher(this.#keyOf(space), salt) }),
      },
    })
  }

  async put(source: Blob | Pieces, options: Partial<PutOptions> = {}): Promise<FileReference> {
    const stored = await this.files.put(source, { space: SPACE, name: '', type: '', public: false, ...options })
    stored.keep()
    return stored.reference
  }

  async get(reference: FileReference, options: Partial<GetOptions> = {}): Promise<Bytes> {
    return await collect(this.files.get(reference, { space: SPACE, ...options }))
  }

  #keyOf(space: SpaceId): Bytes {
    const key = this.#keys.get(space) ?? nodePlatform.randomBytes(32)
    this.#keys.set(space, key)
    return key
  }
}

export async function collect(pieces: Pieces): Promise<Bytes> {
  const all: Bytes[] = []
  for await (const piece of pieces) all.push(piece)
  return new Uint8Array(Buffer.concat(all))
}

/** The bytes in pieces of that size. */
export async function* piecesOf(bytes: Bytes, size: number): Pieces {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.slice(at, at + size))
}

/** Bytes that look like nothing, the same each time. */
export function noise(length: number, seed = 1): Bytes {
  const bytes = new Uint8Array(length)
  let state = seed * 2_654_435_761
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}
