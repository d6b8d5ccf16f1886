import { digestChunk, FILE_SALT_BYTES, saltOf } from '../crypto/file-cipher.js'
import type { FileCipher } from '../crypto/file-cipher.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { SpaceReference } from '../model/event.js'
import type { FileReference, FileSeal } from '../model/file.js'
import type { ContentAvailability } from '../model/file-info.js'
import type { SpaceId } from '../model/path.js'
import { FILE_CHUNK_BYTES } from '../networks/content.js'
import type { ProviderContent, StoredContent } from '../networks/content.js'
import type { Platform } from '../platform/platform.js'
import { blobChunks, cutInto, inOrder } from './chunks.js'
import type { Chunk, Pieces } from './chunks.js'
import { HeldContent } from './held-content.js'
import type { UnnamedContent } from './held-content.js'
import { countRange, openRange, PLAIN_CHUNK_BYTES, sameChunks, sealChunks, sealedRange, sealedSize } from './sealed-content.js'

export type { Pieces } from './chunks.js'
export type { UnnamedContent } from './held-content.js'

/** Longest name and media type, in UTF-16 code units: they lie in the event. */
const MAX_TEXT = 1024

export interface FileManagerParts {
  readonly platform: Platform
  /** Of whichever network keeps content; undefined where none does. */
  readonly content: () => Promise<ProviderContent | undefined>
  readonly keys: FileKeys
  readonly unnamed: UnnamedContent
}

/** The keys of spaces, for files. */
export interface FileKeys {
  /** @throws SpiceTimeError SPACE_UNKNOWN, CONTENT_UNREADABLE */
  cipher(space: SpaceId, salt: Uint8Array, epoch?: number): Promise<{ readonly epoch: number; readonly cipher: FileCipher }>
  /** What networks call the space; undefined for the one that never leaves the device. @throws SpiceTimeError SPACE_UNKNOWN */
  wireName(space: SpaceId): SpaceReference | undefined
}

export interface PutOptions {
  readonly space: SpaceId
  readonly name: string
  readonly type: string
  /** In the open, so that anyone who has the CID can read it. Not in the space that never leaves the device. */
  readonly public: boolean
  readonly signal?: AbortSignal | undefined
  /** Told how many bytes of the source are done. */
  readonly onProgress?: ((bytes: number) => void) | undefined
}

/** Content that is stored, for an event that is not accepted yet. One of the two is called, once. */
export interface StoredFile {
  readonly reference: FileReference
  /** The event was accepted. */
  keep(): void
  /** It was not: nothing stays behind. @throws SpiceTimeError as `ProviderContent.discard` */
  drop(): Promise<void>
}

export interface GetOptions {
  readonly space: SpaceId
  /** Default 0. */
  readonly offset?: number | undefined
  /** Default: to the end. */
  readonly length?: number | undefined
  readonly signal?: AbortSignal | undefined
}

interface Source {
  readonly pieces: Pieces
  readonly seal?: FileSeal
}

/** Files of spaces, kept by whichever network keeps content: sealed on the way in, opened and checked on the way out. docs/decisions/0020. */
export class FileManager {
  readonly #parts: FileManagerParts
  readonly #held: HeldContent

  constructor(parts: FileManagerParts) {
    this.#parts = parts
    this.#held = new HeldContent(parts.unnamed)
  }

  /**
   * Stores a file in constant memory. A blob is read twice, so that the same file in the same space gets the same CID; other sources once.
   * @throws SpiceTimeError FILE_NOT_SUPPORTED, SPACE_UNKNOWN, CONTENT_DAMAGED (it changed while it was read), STORAGE_FULL, STORAGE_FAILED, ABORTED
   */
  async put(source: Blob | Pieces, options: PutOptions): Promise<StoredFile> {
    const content = await this.#content()
    const space = this.#parts.keys.wireName(options.space)
    const name = checkText('name', options.name)
    const type = checkText('type', options.type)
    const counted = new Progress(options)
    const { pieces, seal } =
      options.public && space !== undefined ? openSource(source, counted) : await this.#sealedSource(source, options, counted)
    const { signal } = options
    const onStored = (cid: string, known: boolean): Promise<void> => this.#held.stored(cid, known)
    const stored = await content.add(untilAborted(pieces, signal), { space, signal, onStored })
    this.#held.hold(stored)
    const reference: FileReference = { cid: stored.cid, size: counted.size, type, name, ...(seal === undefined ? {} : { sealed: seal }) }
    return this.#stored(reference, stored, content)
  }

  /**
   * The content, or a range of it: reads the chunks that the range needs and no others.
   * @throws SpiceTimeError FILE_NOT_SUPPORTED, INPUT_MALFORMED, SPACE_UNKNOWN, CONTENT_UNREADABLE, CONTENT_NOT_FOUND, CONTENT_UNAVAILABLE,
   * CONTENT_DAMAGED, ABORTED
   */
  async *get({ cid, size, sealed }: FileReference, options: GetOptions): Pieces {
    const content = await this.#content()
    const { signal } = options
    const range = checkRange(options, size)
    const space = this.#parts.keys.wireName(options.space)
    // A range of nothing needs nothing; a file of nothing still shows that it is that file.
    if (range.length === 0 && size > 0) return
    if (sealed === undefined) {
      yield* countRange(content.read(cid, { ...range, size, space, signal }), range)
      return
    }
    const { cipher } = await this.#parts.keys.cipher(options.space, sealed.salt, sealed.epoch)
    const { offset, length } = sealedRange(range)
    const bytes = content.read(cid, { offset, length, size: sealedSize(size), space, signal })
    yield* openRange(bytes, cipher, { ...range, size })
  }

  async availability(cid: string): Promise<ContentAvailability> {
    return await (await this.#content()).availability(cid)
  }

  async #sealedSource(source: Blob | Pieces, { space, signal }: PutOptions, counted: Progress): Promise<Required<Source>> {
    const digests = source instanceof Blob ? await digestsOf(source, { counted, signal }) : undefined
    const salt = digests === undefined ? this.#parts.platform.randomBytes(FILE_SALT_BYTES) : await saltOf(digests)
    const { epoch, cipher } = await this.#parts.keys.cipher(space, salt)
    const chunks = source instanceof Blob ? sameChunks(source, digests ?? []) : cutInto(untilAborted(source, signal), PLAIN_CHUNK_BYTES)
    return { pieces: sealChunks(counted.over(chunks), cipher), seal: { epoch, salt } }
  }

  #stored(reference: FileReference, { cid }: StoredContent, content: ProviderContent): StoredFile {
    return { reference, keep: () => this.#held.keep(cid), drop: () => this.#held.drop(cid, content) }
  }

  async #content(): Promise<ProviderContent> {
    const content = await this.#parts.content()
    if (content !== undefined) return content
    throw new SpiceTimeError(
      'FILE_NOT_SUPPORTED',
      'No network of this device keeps files. Put the bytes as a Uint8Array (up to 64 KiB), or use a build with a storage network.',
    )
  }
}

/** Counts what is done of a source; one that is read twice is half done after the first time. */
class Progress {
  size = 0
  #hashed = 0
  readonly #tell: ((bytes: number) => void) | undefined

  constructor({ onProgress }: PutOptions) {
    this.#tell = onProgress
  }

  hashed(bytes: number): void {
    this.#hashed += bytes
    this.#tell?.(this.#hashed / 2)
  }

  async *over(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
    for await (const chunk of chunks) {
      this.taken(chunk.bytes.length)
      yield chunk
    }
  }

  taken(bytes: number): void {
    this.size += bytes
    this.#tell?.(this.#hashed === 0 ? this.size : (this.#hashed + this.size) / 2)
  }
}

/** As it is, so that the CID is the one that every implementation gives this content. */
function openSource(source: Blob | Pieces, counted: Progress): Source {
  return { pieces: countedPieces(source instanceof Blob ? bytesOf(blobChunks(source, FILE_CHUNK_BYTES)) : source, counted) }
}

async function* bytesOf(chunks: AsyncIterable<Chunk>): Pieces {
  for await (const { bytes } of chunks) yield bytes
}

async function* countedPieces(pieces: Pieces, counted: Progress): Pieces {
  for await (const piece of pieces) {
    counted.taken(piece.length)
    yield piece
  }
}

async function digestsOf(
  blob: Blob,
  { counted, signal }: { readonly counted: Progress; readonly signal: AbortSignal | undefined },
): Promise<readonly Uint8Array[]> {
  const digests: Uint8Array[] = []
  const count = Math.max(1, Math.ceil(blob.size / PLAIN_CHUNK_BYTES))
  const digestAt = async (index: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(await blob.slice(index * PLAIN_CHUNK_BYTES, (index + 1) * PLAIN_CHUNK_BYTES).arrayBuffer())
    counted.hashed(bytes.length)
    return await digestChunk(bytes)
  }
  for await (const digest of inOrder(count, digestAt)) {
    if (signal?.aborted === true) throw calledOff(signal)
    digests.push(digest)
  }
  return digests
}

async function* untilAborted(pieces: Pieces, signal: AbortSignal | undefined): Pieces {
  for await (const piece of pieces) {
    if (signal?.aborted === true) throw calledOff(signal)
    yield piece
  }
  if (signal?.aborted === true) throw calledOff(signal)
}

function checkRange({ offset = 0, length }: GetOptions, size: number): { readonly offset: number; readonly length: number } {
  const isNatural = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
  if (!isNatural(offset) || offset > size || (length !== undefined && !isNatural(length))) {
    throw new SpiceTimeError(
      'INPUT_MALFORMED',
      `A range of a file begins at 0 to its size (${size}) and has a length of at least 0, in whole bytes.`,
      { size },
    )
  }
  return { offset, length: Math.min(length ?? Number.POSITIVE_INFINITY, size - offset) }
}

/** A lone surrogate, which some systems allow in a name, is in no text that others could read. */
function checkText(what: 'name' | 'type', text: unknown): string {
  if (typeof text === 'string' && text.length <= MAX_TEXT) return text.toWellFormed()
  throw new SpiceTimeError('INPUT_MALFORMED', `A file's ${what} is text of at most ${MAX_TEXT} characters.`)
}

function calledOff(signal: AbortSignal): SpiceTimeError {
  return new SpiceTimeError('ABORTED', 'Adding the file was called off by its signal; nothing of it is kept.', {}, signal.reason)
}
