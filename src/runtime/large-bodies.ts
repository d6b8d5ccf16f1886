import { BodySearch } from './body-search.js'
import { decodeBody, decodeSealedBody, encodeBody, encodeSealedBody } from './codec/body-block.js'
import { encodeContent } from './codec/content-codec.js'
import { decodeEvent } from './codec/event-codec.js'
import { computeEventId } from './codec/event-id.js'
import { CHUNK_TAG_BYTES, digestChunk, saltOf } from './crypto/file-cipher.js'
import type { FileCipher } from './crypto/file-cipher.js'
import type { Diagnostics } from './diagnostics/diagnostics.js'
import type { KeepBody } from './delivery/delivery-manager.js'
import { asSpiceTimeError, SpiceTimeError } from './errors/spice-time-error.js'
import type { ContentLists } from './event-lists.js'
import type { BodyKeeper, BodyOutcome, BodyWish, EventProcessor, LargeContent, SlimContent } from './events/event-processor.js'
import { MAX_BODY_BYTES, MAX_EVENT_BYTES } from './model/event.js'
import type { BodyReference, Event, EventBody, SpaceReference } from './model/event.js'
import { documentOf } from './model/path.js'
import type { DocumentPath, SpaceId } from './model/path.js'
import type { Platform } from './platform/platform.js'

export interface LargeBodiesParts {
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly processor: EventProcessor
  readonly spaces: SpaceKeys
  readonly contents: () => Promise<ContentLists>
  /** A body as this device's history has it. */
  readonly bodyAt: (document: DocumentPath, position: number) => Promise<EventBody | undefined>
}

interface SpaceKeys {
  fileCipher(id: SpaceId, salt: Uint8Array, epoch?: number): Promise<{ readonly cipher: FileCipher }>
}

/** How a body is sealed; nothing of one that is in the open. */
interface Seal {
  readonly space: SpaceId
  readonly epoch: number
  readonly salt: Uint8Array | undefined
}

/** A body is one chunk: the first and the last. */
const WHOLE = { index: 0, last: true } as const
/** What sealing adds to a body of this size: the tag, and the head of a byte string. */
const SEALED_BYTES = CHUNK_TAG_BYTES + 5
/** Milliseconds in which a network that keeps content may begin to. */
const START_BOUND = 5_000
/** Milliseconds until what could not be stored is tried again. */
const PATIENCE = 15_000

/** Bodies beside their events: made, stored before anything that names them is sent, and found for those that came without. docs/decisions/0024. */
export class LargeBodies implements BodyKeeper {
  readonly #parts: LargeBodiesParts
  readonly #search: BodySearch
  /** CIDs of blocks that this life has stored. */
  readonly #stored = new Set<string>()

  constructor(parts: LargeBodiesParts) {
    this.#parts = parts
    this.#search = new BodySearch({
      ...parts,
      intake: parts.processor,
      load: async ({ space, bodyCid }, signal) => (await parts.contents()).getBlock(space as SpaceReference, bodyCid.cid, { signal }),
      read: (event, block) => this.#read(event, block),
    })
  }

  /** @see BodyKeeper.setBeside */
  async setBeside({ content, input, access }: LargeContent): Promise<SlimContent> {
    const plain = encodeBody(content.body)
    const sealing = input.public ? undefined : access.sealing
    await this.#check(input, plain.length + (sealing === undefined ? 0 : SEALED_BYTES))
    const salt = sealing === undefined ? undefined : await saltOf([await digestChunk(plain)])
    const block = await this.#blockOf(content.body, { space: access.id, epoch: sealing?.epoch ?? 0, salt })
    const bodyCid: BodyReference = { cid: await computeEventId(block), size: block.length, ...(salt === undefined ? {} : { salt }) }
    const named = { ...content, bodyCid }
    if (sealing === undefined) return { content: named, payload: { kind: 'open', content: named } }
    const sealed = await sealing.cipher.seal(encodeContent(named))
    return { content: named, payload: { kind: 'sealed', epoch: sealing.epoch, sealed } }
  }

  /** @see BodyKeeper.ask */
  async ask(wish: BodyWish): Promise<BodyOutcome> {
    const { event } = wish
    if ((event.bodyCid?.salt === undefined) !== event.public)
      throw malformed(event, 'is sealed where the event is not, or the other way round')
    // What is taken out of the log and placed anew has its body still.
    const at = await this.#parts.processor.log.whereIs(event.id)
    // What stands at a superseded event's place is another's.
    const here = at?.by === undefined ? await this.#bodyHere(event, at?.position) : undefined
    return here === undefined ? this.#search.ask(wish) : { kind: 'here', body: here }
  }

  /** Stores the body of an own event where whoever gets the event can look for it; what is stored already is left alone. @see KeepBody */
  readonly keep: KeepBody = async (event, { position, controller: { signal } }) => {
    try {
      await this.#keep(event, position, signal)
      return undefined
    } catch (error) {
      return { reason: `Its body is stored first: ${asSpiceTimeError(error).message}`, delay: signal.aborted ? 0 : PATIENCE }
    }
  }

  close(): void {
    this.#search.close()
  }

  /** @throws SpiceTimeError NETWORK_NOT_CONNECTED, RECORD_DAMAGED, STORAGE_FULL, STORAGE_FAILED, ABORTED */
  async #keep(event: Event, position: number, signal: AbortSignal): Promise<void> {
    const { bodyCid, space } = event
    if (bodyCid === undefined || this.#stored.has(bodyCid.cid)) return
    const contents = await this.#parts.contents()
    await this.#started(contents, signal)
    const body = await this.#bodyHere(event, position)
    const block = body === undefined ? undefined : await this.#blockOf(body, sealOf(event))
    if (block === undefined || (await computeEventId(block)) !== bodyCid.cid)
      throw new SpiceTimeError('RECORD_DAMAGED', `The body of ${event.id} is damaged on this device; submit it again.`, { event: event.id })
    await contents.putBlock(space as SpaceReference, block, { signal })
    this.#stored.add(bodyCid.cid)
  }

  async #check({ path, op, needs }: LargeContent['input'], bytes: number): Promise<void> {
    const tooLarge = (limit: number, why: string): SpiceTimeError =>
      new SpiceTimeError('EVENT_TOO_LARGE', `The event for '${path}' has ${bytes} bytes; ${why}`, { path, bytes, limit })
    const split = "Split the value over several documents, or keep it as a file (operation 'file')."
    if (bytes > MAX_BODY_BYTES) throw tooLarge(MAX_BODY_BYTES, `at most ${MAX_BODY_BYTES} fit. ${split}`)
    if (needs.includes('consensus') || op === 'file')
      throw tooLarge(
        MAX_EVENT_BYTES,
        `at most ${MAX_EVENT_BYTES} fit where ${op === 'file' ? 'a file is named' : 'consensus orders events'}. ${split}`,
      )
    const missing = needs.every((need) => need === 'local') ? undefined : (await this.#parts.contents()).notSetUp()
    if (missing !== undefined)
      throw tooLarge(MAX_EVENT_BYTES, `more than ${MAX_EVENT_BYTES} go to others only by a network that keeps content. ${missing} ${split}`)
  }

  /** A network that nobody needed yet is opened by the question. @throws SpiceTimeError NETWORK_NOT_CONNECTED */
  async #started(contents: ContentLists, signal: AbortSignal): Promise<void> {
    if (contents.state().ready) return
    signal.throwIfAborted()
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const each of undo) each()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const undo = [contents.onChange(() => contents.state().ready && done()), this.#parts.platform.after(START_BOUND, done)]
      signal.addEventListener('abort', done)
    })
    const state = contents.state()
    if (!state.ready) throw new SpiceTimeError('NETWORK_NOT_CONNECTED', state.reason)
  }

  async #bodyHere({ path }: Event, position: number | undefined): Promise<EventBody | undefined> {
    const document = documentOf(path)
    return document === undefined || position === undefined ? undefined : await this.#parts.bodyAt(document, position)
  }

  /** The same body has the same block, so that it can be stored at any time. */
  async #blockOf(body: EventBody, { space, epoch, salt }: Seal): Promise<Uint8Array<ArrayBuffer>> {
    const plain = encodeBody(body)
    if (salt === undefined) return plain
    const { cipher } = await this.#parts.spaces.fileCipher(space, salt, epoch)
    return encodeSealedBody(await cipher.seal(plain, WHOLE))
  }

  /** @throws SpiceTimeError EVENT_MALFORMED and the like, on every device */
  async #read(event: Event, block: Uint8Array<ArrayBuffer>): Promise<EventBody> {
    const { space, epoch, salt } = sealOf(event)
    if (block.length !== event.bodyCid?.size) throw malformed(event, `has ${block.length} bytes and not those that are said`)
    if (salt === undefined) return decodeBody(event.op, block)
    const { cipher } = await this.#parts.spaces.fileCipher(space, salt, epoch)
    const plain = cipher.open(decodeSealedBody(block), WHOLE)
    return decodeBody(event.op, await plain.catch((error: unknown) => Promise.reject(malformed(event, 'can not be opened', error))))
  }
}

function sealOf({ spaceId, bytes, bodyCid }: Event): Seal {
  const { payload } = decodeEvent(new Uint8Array(bytes))
  return { space: spaceId, epoch: payload.kind === 'sealed' ? payload.epoch : 0, salt: bodyCid?.salt }
}

function malformed({ id }: Event, why: string, cause?: unknown): SpiceTimeError {
  return new SpiceTimeError('EVENT_MALFORMED', `The event ${id} was refused: its body ${why}.`, { event: id }, cause)
}
