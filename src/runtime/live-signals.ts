import { decodeFields, encode } from './codec/dag-cbor.js'
import { parseAuthorId } from './codec/event-id.js'
import type { Author } from './crypto/signing.js'
import { verifySignature } from './crypto/signing.js'
import type { Diagnostics } from './diagnostics/diagnostics.js'
import { asSpiceTimeError, SpiceTimeError } from './errors/spice-time-error.js'
import { clientOf } from './live-awareness.js'
import type { AuthorId, SpaceReference } from './model/event.js'
import { parseEventPath, parsePath, spaceOf } from './model/path.js'
import type { StatePath } from './model/path.js'
import type { ProviderSignals } from './networks/provider.js'
import type { Platform } from './platform/platform.js'
import { MEMBERS } from './spaces/space-manager.js'
import type { SpaceManager } from './spaces/space-manager.js'
import type { StateManager } from './state/state-manager.js'

export interface LiveSignalsParts {
  readonly networks: readonly ProviderSignals[]
  readonly author: Promise<Author>
  readonly spaces: SpaceManager
  readonly state: StateManager
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  /** An editor on another device said something of itself. */
  readonly onHeard: (path: StatePath, awareness: Uint8Array) => void
}

const VERSION = 1
/** What is signed begins so, and is never mistaken for an event. */
const DOMAIN = 'spicetime/live/1'
/** Bytes of a message: one editor's awareness with its path, author, signature and seal. */
const MAX_BYTES = 8192
/** Milliseconds by which a message may be old or early: a recorded one is worth nothing soon. */
const MAX_AGE = 60_000
/** Messages of one space that are opened in a second; what comes beyond is dropped unread. */
const MAX_RATE = 400
const SECOND = 1000
/** Milliseconds between two reports of what was dropped. */
const REPORT_EVERY = 10_000
/** Milliseconds in which what an editor says is sent once. */
const BURST = 100

/** Awareness between devices: sealed with the space's key, signed by its author, lost without harm, never stored. */
export class LiveSignals {
  readonly #parts: LiveSignalsParts
  readonly #undo: (() => void)[]
  readonly #waiting = new Map<string, { readonly path: StatePath; readonly awareness: Uint8Array }>()
  readonly #budgets = new Map<SpaceReference, { since: number; left: number }>()
  #cancelBurst: (() => void) | undefined
  #cancelReport: (() => void) | undefined
  #dropped = 0

  constructor(parts: LiveSignalsParts) {
    this.#parts = parts
    this.#undo = parts.networks.map((network) => network.onMessage((space, message) => void this.#hear(space, message)))
  }

  /** To the members who are online; the latest of each editor. */
  send(path: StatePath, awareness: Uint8Array): void {
    if (this.#parts.networks.length === 0) return
    this.#waiting.set(`${path}#${clientOf(awareness)}`, { path, awareness })
    this.#cancelBurst ??= this.#parts.platform.after(BURST, () => {
      this.#cancelBurst = undefined
      const waiting = [...this.#waiting.values()]
      this.#waiting.clear()
      for (const one of waiting) void this.#post(one.path, one.awareness)
    })
  }

  close(): void {
    this.#cancelBurst?.()
    this.#cancelReport?.()
    for (const undo of this.#undo) undo()
  }

  async #post(path: StatePath, awareness: Uint8Array): Promise<void> {
    const { spaces, networks, platform } = this.#parts
    try {
      const access = spaces.byId(spaceOf(path))
      if (access?.sealing === undefined) return
      const author = await this.#parts.author
      const content = { author: author.id, path, time: platform.now(), awareness: new Uint8Array(awareness) }
      const signature = await author.sign(signedBytes(spaces.get(access.id).reference, content))
      const sealed = await access.sealing.cipher.seal(encode({ ...content, signature }))
      const message = encode({ v: VERSION, epoch: access.sealing.epoch, sealed })
      await Promise.all(networks.map((network) => network.send(spaces.get(access.id).reference, message)))
    } catch (error) {
      // A signal may be lost: the next one, 15 seconds later at most, says the same.
      this.#drop(asSpiceTimeError(error))
    }
  }

  async #hear(space: SpaceReference, message: Uint8Array): Promise<void> {
    try {
      const { path, awareness } = await this.#open(space, message)
      this.#parts.onHeard(path, awareness)
    } catch (error) {
      this.#drop(asSpiceTimeError(error))
    }
  }

  /** @throws SpiceTimeError EVENT_MALFORMED, CONTENT_UNREADABLE, SIGNATURE_INVALID, AUTHOR_NOT_PERMITTED, CLIENT_ID_FOREIGN */
  async #open(reference: SpaceReference, message: Uint8Array): Promise<{ readonly path: StatePath; readonly awareness: Uint8Array }> {
    const { spaces, platform, state } = this.#parts
    if (message.length > MAX_BYTES) throw dropped(`it has more than ${MAX_BYTES} bytes`)
    const access = spaces.byWire(reference)
    const { v, epoch, sealed } = decodeFields(message)
    if (v !== VERSION || typeof epoch !== 'number' || !(sealed instanceof Uint8Array)) throw dropped('it is not of a version that is known')
    const cipher = access?.cipherOf(epoch)
    if (access === undefined || cipher === undefined) throw dropped('its key is not known')
    // Not before: what costs nothing to drop takes nobody's turn.
    if (!this.#admits(reference)) throw dropped('its space sends more than is read')
    const fields = decodeFields(await cipher.open(new Uint8Array(sealed)))
    const { time, awareness, signature } = fields
    const author = parseAuthorId(fields['author'])
    const path = parseEventPath(fields['path'])
    if (typeof time !== 'number' || !(awareness instanceof Uint8Array) || !(signature instanceof Uint8Array))
      throw dropped('a field is missing')
    if (spaceOf(path) !== access.id) throw dropped('it speaks of another space')
    if (!(Math.abs(platform.now() - time) <= MAX_AGE)) throw dropped('it is too old or too early')
    const content = { author, path, time, awareness: new Uint8Array(awareness) }
    if (!(await verifySignature(author, new Uint8Array(signature), signedBytes(reference, content)))) {
      throw new SpiceTimeError('SIGNATURE_INVALID', 'A live message was dropped: its signature is not its author’s.')
    }
    const member = await state.read(parsePath(`${access.id}/${MEMBERS}/${author}`))
    if (member.value === undefined) throw new SpiceTimeError('AUTHOR_NOT_PERMITTED', 'A live message was dropped: its author is no member.')
    await state.checkClient(clientOf(awareness), { author, space: reference })
    return { path, awareness: content.awareness }
  }

  #admits(space: SpaceReference): boolean {
    const now = this.#parts.platform.monotonic()
    const budget = this.#budgets.get(space)
    if (budget === undefined || now - budget.since >= SECOND) {
      this.#budgets.set(space, { since: now, left: MAX_RATE - 1 })
      return true
    }
    budget.left -= 1
    return budget.left >= 0
  }

  /** Counted, and told once in a while. */
  #drop({ code, message }: SpiceTimeError): void {
    this.#dropped += 1
    this.#cancelReport ??= this.#parts.platform.after(REPORT_EVERY, () => {
      this.#cancelReport = undefined
      const count = this.#dropped
      this.#dropped = 0
      const reason = `${count} live messages were lost or dropped, the first: ${message}`
      this.#parts.diagnostics.emit({ kind: 'background-failed', task: 'hearing who is here', code, reason })
    })
  }
}

interface SignedContent {
  readonly author: AuthorId
  readonly path: StatePath
  readonly time: number
  readonly awareness: Uint8Array
}

function signedBytes(space: SpaceReference, { author, path, time, awareness }: SignedContent): Uint8Array<ArrayBuffer> {
  return encode([DOMAIN, space, author, path, time, awareness])
}

function dropped(why: string): SpiceTimeError {
  return new SpiceTimeError('EVENT_MALFORMED', `A live message was dropped: ${why}.`)
}
