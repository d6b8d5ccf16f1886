import type { ParsedInput } from './codec/input-codec.js'
import { createFileCipher, FILE_SALT_BYTES } from './crypto/file-cipher.js'
import type { Diagnostics } from './diagnostics/diagnostics.js'
import { asSpiceTimeError, SpiceTimeError } from './errors/spice-time-error.js'
import type { EventProcessor } from './events/event-processor.js'
import { FileManager } from './files/file-manager.js'
import type { FileKeys, Pieces, StoredFile } from './files/file-manager.js'
import { millisecondsOf } from './model/event.js'
import type { Event, EventId, EventInput } from './model/event.js'
import { fileReference, fileValue } from './model/file.js'
import type { FileReference } from './model/file.js'
import type { FileInfo } from './model/file-info.js'
import { documentOf, parseEventPath, spaceOf } from './model/path.js'
import type { StatePath } from './model/path.js'
import type { ProviderContent } from './networks/content.js'
import type { NetworkProvider } from './networks/provider.js'
import { Lazy } from './platform/lazy.js'
import type { Platform } from './platform/platform.js'
import type { PutFileOptions, WaitOptions } from './runtime-client.js'
import type { SpaceManager } from './spaces/space-manager.js'
import type { StateManager } from './state/state-manager.js'
import type { Store } from './storage/store.js'
import { UnnamedFiles } from './unnamed-files.js'

export interface FileServiceParts {
  readonly store: Store
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly processor: EventProcessor
  readonly state: StateManager
  readonly spaces: SpaceManager
  /** The network that keeps content, where there is one. */
  readonly keeper: () => NetworkProvider | undefined
  /** @throws SpiceTimeError what is wrong with an input */
  readonly parse: (input: unknown) => ParsedInput
}

interface Keyed extends WaitOptions {
  readonly key?: string
  readonly again?: boolean
  readonly onProgress?: (bytes: number) => void
}

/** The key of files that never leave the device. */
const DEVICE_KEY = 'f/me'
/** Milliseconds in which a network that starts says so. */
const START_BOUND = 5_000
/** Stands for the content until that is stored: all else of an input is checked before. */
const UNKNOWN: FileReference = { cid: `b${'a'.repeat(58)}`, size: 0, type: '', name: '' }

/** Content on its way into events and out of them. */
export class FileService {
  readonly #parts: FileServiceParts
  readonly #files: FileManager
  readonly #deviceKey = new Lazy(() => this.#loadDeviceKey())
  readonly #unnamed: UnnamedFiles
  #cleaning: Promise<void> | undefined

  constructor(parts: FileServiceParts) {
    this.#parts = parts
    this.#unnamed = new UnnamedFiles(parts.store)
    parts.processor.register(this.#unnamed)
    this.#files = new FileManager({ ...parts, keys: this.#keys(), unnamed: this.#unnamed, content: this.#content })
  }

  /**
   * Submits events of which some bring content: that is stored first, and let go again should the events not be accepted.
   * @throws SpiceTimeError as `FileManager.put` and `EventProcessor.accept`
   */
  async submit(inputs: readonly EventInput[], options: Keyed = {}): Promise<readonly EventId[]> {
    return await this.#submit(
      inputs.map((input) =>
        input.op === 'file' && input.value instanceof Blob
          ? { input: { ...input, value: UNKNOWN }, source: namedSource(input.value, {}) }
          : { input },
      ),
      options,
    )
  }

  /** @throws SpiceTimeError as `submit` */
  async put(path: string, source: Blob | Pieces, options: PutFileOptions & Keyed = {}): Promise<EventId> {
    const { name, type, requires, public: open, ...rest } = options
    const input: EventInput = {
      ...{ path, op: 'file', value: UNKNOWN },
      ...(requires === undefined ? {} : { requires }),
      ...(open === undefined ? {} : { public: open }),
    }
    const [id] = await this.#submit([{ input, source: namedSource(source, { name, type }) }], rest)
    if (id === undefined) throw new SpiceTimeError('INTERNAL', 'The event got no id.')
    return id
  }

  /** @throws SpiceTimeError PATH_MALFORMED, as `FileManager.get` */
  read(path: string, foreign: unknown, range: WaitOptions & { readonly offset?: number; readonly length?: number }): Pieces {
    void this.#clean()
    return this.#files.get(parseReference(foreign), { ...range, space: spaceOf(parseEventPath(path)) })
  }

  /** @throws SpiceTimeError PATH_MALFORMED, FILE_UNKNOWN */
  async info(text: string): Promise<FileInfo> {
    void this.#clean()
    const path = parseEventPath(text)
    const { processor, state } = this.#parts
    const reference = fileReference((await state.read(path)).value)
    if (reference === undefined) throw new SpiceTimeError('FILE_UNKNOWN', `There is no file at '${path}'.`, { path })
    const [event, availability] = await Promise.all([this.#eventOf(path, reference), this.#files.availability(reference.cid)])
    if (event === undefined) return { path, reference, availability }
    const position = await processor.log.positionOf(event.id)
    const receipts = position === undefined ? [] : await processor.log.receiptsOf(event.id, position)
    const anchor = receipts.find(({ order }) => order !== undefined)
    return {
      ...{ path, reference, availability, event: event.id, author: event.author, at: millisecondsOf(event.time) },
      ...(anchor === undefined ? {} : { anchor }),
    }
  }

  /** The newest event that put just this content there. */
  async #eventOf(path: StatePath, { cid }: FileReference): Promise<Event | undefined> {
    const document = documentOf(path)
    if (document === undefined) return undefined
    const { processor, state } = this.#parts
    for (const id of await state.eventsAt(document, path)) {
      const event = await processor.log.read(id)
      if (event !== undefined && fileReference(event.body.value)?.cid === cid) return event
    }
    return undefined
  }

  async #submit(works: readonly Work[], options: Keyed): Promise<readonly EventId[]> {
    const { key, again = false, signal } = options
    const { processor, parse } = this.#parts
    const done = key === undefined || !again ? undefined : await processor.submitted(key)
    if (done !== undefined) return done
    const checked = works.map(({ input, source }) => ({ parsed: parse(input), source }))
    const stored: StoredFile[] = []
    try {
      const inputs: ParsedInput[] = []
      for (const { parsed, source } of checked)
        inputs.push(source === undefined ? parsed : await this.#store(parsed, source, { options, stored }))
      if (signal?.aborted === true) throw new SpiceTimeError('ABORTED', 'The submit was called off by its signal.', {}, signal.reason)
      const ids = await processor.accept(inputs, key === undefined ? {} : { key, again })
      for (const file of stored) file.keep()
      return ids
    } catch (error) {
      for (const file of stored) await this.#drop(file)
      throw error
    }
  }

  async #store(
    input: ParsedInput,
    { source, name, type }: NamedSource,
    { options, stored }: { readonly options: Keyed; readonly stored: StoredFile[] },
  ): Promise<ParsedInput> {
    const { signal, onProgress } = options
    // What an earlier life left may be just this content.
    await this.#clean()
    const file = await this.#files.put(source, { space: input.space, name, type, public: input.public, signal, onProgress })
    stored.push(file)
    return { ...input, body: { value: fileValue(file.reference) } }
  }

  /** Once its network has started, or could not: networks start after the runtime, and a page may show a file before. */
  readonly #content = async (): Promise<ProviderContent | undefined> => {
    const keeper = this.#parts.keeper()
    const { state, since } = keeper?.status() ?? {}
    // Nothing that has begun was never anything else.
    if (keeper !== undefined && state === 'not-connected' && since === 0) {
      await new Promise<void>((resolve) => {
        const undo = [keeper.onStatus(() => done()), this.#parts.platform.after(START_BOUND, () => done())]
        const done = (): void => {
          for (const each of undo) each()
          resolve()
        }
      })
    }
    return keeper?.content
  }

  /** What earlier lives left goes once in a life, as soon as files are used and storage is there. Never rejects. */
  #clean(): Promise<void> {
    this.#cleaning ??= this.#unnamed.clean(this.#content).catch((error: unknown) => {
      this.#cleaning = undefined
      const { code, message } = asSpiceTimeError(error)
      // The next use of a file tries again.
      if (code !== 'NETWORK_NOT_CONNECTED')
        this.#parts.diagnostics.emit({ kind: 'background-failed', task: 'letting go of files that no event names', code, reason: message })
    })
    return this.#cleaning
  }

  async #drop(file: StoredFile): Promise<void> {
    try {
      await file.drop()
    } catch (error) {
      const { code, message } = asSpiceTimeError(error)
      this.#parts.diagnostics.emit({ kind: 'background-failed', task: 'letting go of a file that no event names', code, reason: message })
    }
  }

  #keys(): FileKeys {
    const { spaces } = this.#parts
    return {
      wireName: (space) => (space === 'me' ? undefined : spaces.get(space).reference),
      cipher: async (space, salt, epoch) => {
        if (space !== 'me') return await spaces.fileCipher(space, salt, epoch)
        return { epoch: 0, cipher: await createFileCipher(await this.#deviceKey.get(), salt) }
      },
    }
  }

  /** Though events of `me` lie in the open on the device, its files are among blocks that others may ask for. */
  async #loadDeviceKey(): Promise<Uint8Array<ArrayBuffer>> {
    const { store, platform } = this.#parts
    const known = await store.get(DEVICE_KEY)
    if (known !== undefined) return new Uint8Array(known)
    const key = platform.randomBytes(FILE_SALT_BYTES)
    await store.write([[DEVICE_KEY, key]])
    return key
  }
}

/** A source with what it is called; a file knows that itself. */
interface NamedSource {
  readonly source: Blob | Pieces
  readonly name: string
  readonly type: string
}

interface Work {
  readonly input: EventInput
  readonly source?: NamedSource
}

function namedSource(
  source: Blob | Pieces,
  { name, type }: { readonly name?: string | undefined; readonly type?: string | undefined },
): NamedSource {
  const own = 'name' in source && typeof source.name === 'string' ? source.name : ''
  return { source, name: name ?? own, type: type ?? (source instanceof Blob ? source.type : '') }
}

function parseReference(foreign: unknown): FileReference {
  const reference = fileReference(foreign as Parameters<typeof fileReference>[0])
  if (reference === undefined) throw new SpiceTimeError('INPUT_MALFORMED', 'What is to be read is not the reference of a file.')
  return reference
}
