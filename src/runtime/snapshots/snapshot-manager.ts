import { asSpiceTimeError } from '../errors/spice-time-error.js'
import { originOf, SnapshotSource, withoutBase } from '../events/snapshot-source.js'
import type { SpaceReference } from '../model/event.js'
import type { Space } from '../model/space.js'
import type { NetworkProvider, Update } from '../networks/provider.js'
import { makeSnapshot } from './snapshot-making.js'
import type { Platform } from '../platform/platform.js'
import type { SnapshotManagerParts, SnapshotPlace } from './snapshot-place.js'
import { takeSnapshot } from './snapshot-taking.js'

/** Milliseconds over which those who could publish a snapshot spread: whoever comes later finds that it is done. */
const SPREAD = 60_000

/** An update with so many events of a space is a page of a long past, and a snapshot that is still on its way is waited for, so many milliseconds. */
const PAGE_EVENTS = 64
const PATIENCE = 4_000
const BETWEEN_LOOKS = 500
/** Milliseconds from a space's first events of others to when it is settled that it does without: network and gossip may bring a snapshot late. */
const GRACE = 120_000

/** Merged states of spaces: taken where a space is new to this device, published where much has happened. docs/decisions/0014. */
export class SnapshotManager {
  readonly #parts: SnapshotManagerParts
  readonly #source: SnapshotSource
  /** Positions of the log at which it is next asked whether a snapshot is due, by space and network. */
  readonly #nextLook = new Map<string, number>()
  /** Of spaces that are new here: when their first events came, and when it is looked for a snapshot again. */
  readonly #looks = new Map<SpaceReference, { readonly since: number; readonly next: number }>()
  readonly #cancels = new Set<() => void>()
  #publishing: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(parts: SnapshotManagerParts) {
    this.#parts = parts
    this.#source = new SnapshotSource({ ...parts, log: parts.processor.log })
  }

  /**
   * Before an update is taken in: where it brings a space's first events of others, a snapshot is taken in their place, if there is a good one.
   * @returns whether one was: then the pull goes on after it
   * @throws SpiceTimeError as the network and the store fail
   */
  async take(provider: NetworkProvider, update: Update, signal: AbortSignal): Promise<boolean> {
    const { snapshots } = provider
    const covered = await this.#parts.processor.covered()
    const undecided = this.#parts.spaces.list().filter(({ reference }) => !covered.isDecided(reference))
    if (snapshots === undefined || undecided.length === 0) return false
    const brought = update.events.flatMap((bytes) => this.#spaceOfAnother(bytes))
    let taken = false
    for (const space of undecided) {
      const events = brought.filter((reference) => reference === space.reference).length
      const place = events === 0 ? undefined : this.#place(space, provider)
      if (place !== undefined && (await this.#takeWhenThere(place, events, signal))) taken = true
    }
    return taken
  }

  async #takeWhenThere(place: SnapshotPlace, events: number, signal: AbortSignal): Promise<boolean> {
    const { platform, space } = place
    const now = platform.monotonic()
    const { since, next } = this.#looks.get(space.reference) ?? { since: now, next: now }
    if (now < next) return false
    const patience = events >= PAGE_EVENTS ? now + PATIENCE : now
    for (;;) {
      const outcome = await takeSnapshot(place)
      if (outcome === 'taken') return true
      if (outcome === 'refused') return await this.#doWithout(space)
      if (platform.monotonic() >= patience || signal.aborted) break
      await pause(platform, signal)
    }
    this.#looks.set(space.reference, { since, next: platform.monotonic() + PATIENCE })
    return platform.monotonic() - since >= GRACE ? await this.#doWithout(space) : false
  }

  /** What was offered and is no good will not get better, and what has not come by now hardly comes at all. */
  async #doWithout({ reference }: Space): Promise<false> {
    await this.#parts.processor.between(async (changes) => void changes.push(withoutBase(reference)))
    return false
  }

  /** After a pull that caught up: asks for each space whether a snapshot is due. */
  pulled(provider: NetworkProvider): void {
    if (provider.snapshots === undefined || this.#stopped) return
    for (const space of this.#parts.spaces.list()) {
      if (this.#parts.processor.lastPosition < (this.#nextLook.get(keyOf(space, provider)) ?? 0)) continue
      this.#nextLook.set(keyOf(space, provider), Number.POSITIVE_INFINITY)
      const place = this.#place(space, provider)
      if (place !== undefined) this.#background(() => this.#look(place))
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const cancel of this.#cancels) cancel()
    await this.#publishing
  }

  async #look(place: SnapshotPlace): Promise<void> {
    if (!(await this.#isDue(place))) return
    const [chance = 0] = this.#parts.platform.randomBytes(1)
    const cancel = this.#parts.platform.after((chance / 256) * SPREAD, () => {
      this.#cancels.delete(cancel)
      this.#background(async () => {
        if (await this.#isDue(place)) await this.#publish(place)
      })
    })
    this.#cancels.add(cancel)
  }

  /** Whether so much has happened since the newest snapshot that another one is worth its cost. Only who has the whole past may vouch for it. */
  async #isDue({ space, provider, snapshots, source }: SnapshotPlace): Promise<boolean> {
    const { processor } = this.#parts
    const { every, newest } = await snapshots.offers(space.reference)
    const key = keyOf(space, provider)
    this.#nextLook.set(key, processor.lastPosition + Math.max(1, every))
    if (every === 0 || (await processor.covered()).baseOf(space.reference) !== undefined) return false
    let events = 0
    for (const { seq } of (await source.tips(space.id)).values()) events += seq + 1
    // Who claims more than there is must not keep others from theirs.
    const covered = newest.find((offer) => offer.events <= events)?.events ?? 0
    const missing = every - (events - covered)
    this.#nextLook.set(key, processor.lastPosition + Math.max(1, missing))
    return missing <= 0
  }

  async #publish(place: SnapshotPlace): Promise<void> {
    const { space, provider, snapshots, author, diagnostics } = place
    const made = await makeSnapshot(place)
    if (made === undefined || this.#stopped) return
    await snapshots.publish(space.reference, made)
    const bytes = made.parts.reduce((sum, part) => sum + part.length, made.head.length)
    const { network } = provider
    diagnostics.emit({ kind: 'snapshot-published', space: space.id, network, author: author.id, events: made.events, bytes })
  }

  #place(space: Space, provider: NetworkProvider): SnapshotPlace | undefined {
    const access = this.#parts.spaces.byId(space.id)
    const { snapshots } = provider
    return access === undefined || snapshots === undefined
      ? undefined
      : { ...this.#parts, space, access, provider, snapshots, source: this.#source }
  }

  #spaceOfAnother(bytes: Uint8Array): readonly SpaceReference[] {
    const origin = originOf(bytes)
    return origin === undefined || origin.author === this.#parts.author.id ? [] : [origin.space as SpaceReference]
  }

  /** One piece of work after the other; what fails is told, and tried again after a later pull. */
  #background(work: () => Promise<void>): void {
    this.#publishing = this.#publishing.then(work).catch((error: unknown) => {
      this.#nextLook.clear()
      const { code, message } = asSpiceTimeError(error)
      if (this.#stopped) return
      this.#parts.diagnostics.emit({ kind: 'background-failed', task: 'publishing a snapshot', code, reason: message })
    })
  }
}

function pause(platform: Platform, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = platform.after(BETWEEN_LOOKS, end)
    signal.addEventListener('abort', end)
  })
}

function keyOf({ reference }: Space, { network }: NetworkProvider): string {
  return `${network}/${reference}`
}
