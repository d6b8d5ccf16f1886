import { asSpiceTimeError, isSpiceTimeError } from '../../errors/spice-time-error.js'
import { levelRank } from '../../model/network.js'
import type { Level } from '../../model/network.js'
import type { Platform } from '../../platform/platform.js'
import type { PinReport } from '../content.js'
import type { BlockSource } from './block-sources.js'
import { isOf, parseCid } from './content-id.js'
import { walkDag } from './dag-links.js'
import type { HeliaNode } from './helia-node.js'
import type { Journal } from './journal.js'
import type { KeptContent, KeptContents } from './kept-content.js'
import type { PinService } from './pin-service.js'
import { PinStates } from './pin-states.js'
import type { SpaceContent } from './pin-states.js'

export interface AvailabilityParts {
  readonly platform: Platform
  readonly node: HeliaNode
  readonly kept: KeptContents
  readonly journal: Journal
  /** Peers and gateways: whoever can serve a block. */
  readonly sources: () => readonly BlockSource[]
  readonly pins: readonly PinService[]
  readonly pinsForFinal: number
  /** Levels moved: a pull tells of it. */
  readonly onMoved: () => void
  /** What a person should know of services that don't answer. */
  readonly onRemark: (remark: string | undefined) => void
}

/** Milliseconds between two looks: at first while something is below its goal, and once all have reached it. */
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 60_000
const VERIFY_PAUSE = 300_000
/** Contents that are probed in one look. */
const PROBES = 32
const PROBE_BOUND = 10_000

/**
 * How far this device's content is really held elsewhere: asks again and again, and takes levels back when it no longer is. A level is what was seen:
 * `shared` when a peer or gateway served a random block of it, `final` when as many services as configured report it pinned.
 */
export class Availability {
  readonly #parts: AvailabilityParts
  readonly #reports = new Map<string, readonly PinReport[]>()
  #cancel: (() => void) | undefined
  #failures = 0
  #looking: Promise<void> | undefined
  #again = false
  readonly #ended = new AbortController()

  constructor(parts: AvailabilityParts) {
    this.#parts = parts
  }

  reportsOf(cid: string): readonly PinReport[] {
    return this.#reports.get(cid) ?? []
  }

  /** Something new is kept, or somebody came back: looks soon. */
  wake(): void {
    this.#failures = 0
    if (this.#looking !== undefined) this.#again = true
    else this.#schedule(0)
  }

  /** Looks now. Never rejects. */
  look(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#parts.onRemark(asSpiceTimeError(error).message))
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    this.#cancel?.()
    await this.#looking
  }

  #schedule(milliseconds: number): void {
    if (this.#ended.signal.aborted) return
    this.#cancel?.()
    this.#cancel = this.#parts.platform.after(milliseconds, () => {
      this.#cancel = undefined
      void this.look()
    })
  }

  async #look(): Promise<void> {
    const { pins, sources } = this.#parts
    if (pins.length === 0 && sources().length === 0) return
    this.#again = false
    const goal: Level = pins.length > 0 ? 'final' : 'shared'
    // What is of no such space is of the one that never leaves the device: nobody is asked for it, and nobody is to keep it.
    const kept = (await this.#parts.kept.list()).filter((content): content is SpaceContent => content.space !== undefined)
    const states = new PinStates({ ...this.#parts, signal: this.#ended.signal })
    await states.ask(kept)
    this.#report(states)
    // Stored before anything is offered again: until it is held once more, nobody may be told that it is.
    const held = await this.#takeBack(kept, states)
    await states.offer(held)
    this.#report(states)
    this.#parts.onRemark(states.remark)
    let below = 0
    let probes = PROBES
    for (const content of this.#inOrder(held)) {
      if (this.#ended.signal.aborted) return
      const pinned = this.#pinned(content, states)
      const probed = pinned || probes-- <= 0 ? undefined : await this.#probe(content)
      const level = pinned ? 'final' : levelBy(probed, content.level)
      if (level !== content.level) await this.#move(content, level)
      if (levelRank(level) < levelRank(goal)) below += 1
    }
    const pause = below === 0 ? VERIFY_PAUSE : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(this.#failures++, 10))
    this.#schedule(this.#again ? 0 : pause)
  }

  /** Whether the services hold it. One that did not answer has not lost it. */
  #pinned({ cid, level }: KeptContent, states: PinStates): boolean {
    const { pins, pinsForFinal } = this.#parts
    const said = states.of(cid)
    const silent = pins.length - said.length
    const pinned = said.filter((state) => state === 'pinned').length
    return pinsForFinal > 0 && (pinned >= pinsForFinal || (level === 'final' && pinned + silent >= pinsForFinal))
  }

  /** Those that are furthest from their goal first, of these the newest; then others by chance, so that each is verified now and then. */
  #inOrder(kept: readonly SpaceContent[]): readonly SpaceContent[] {
    const [turn = 0] = this.#parts.platform.randomBytes(1)
    const held = kept.filter(({ level }) => level !== 'sent')
    const from = Math.floor((held.length * turn) / 256)
    return [...kept.filter(({ level }) => level === 'sent').toSorted((a, b) => b.at - a.at), ...held.slice(from), ...held.slice(0, from)]
  }

  /** What the services have no longer is `sent`. Returns all with the levels that they have then. */
  async #takeBack(kept: readonly SpaceContent[], states: PinStates): Promise<readonly SpaceContent[]> {
    const held: SpaceContent[] = []
    for (const content of kept) {
      const isLost = content.level === 'final' && !this.#pinned(content, states)
      if (isLost) await this.#move(content, 'sent')
      held.push(isLost ? { ...content, level: 'sent' } : content)
    }
    return held
  }

  #report(states: PinStates): void {
    for (const [cid, reports] of states.reports(this.#parts.platform.now())) this.#reports.set(cid, reports)
  }

  /** Whether somebody served a block of it just now; undefined when that can't be told. */
  async #probe({ cid }: KeptContent): Promise<boolean | undefined> {
    const { node, platform, sources } = this.#parts
    const names = []
    for await (const { cid: each } of walkDag(parseCid(cid), (block) => node.local(block))) names.push(each)
    const [high = 0, low = 0] = platform.randomBytes(2)
    const block = names[Math.floor((names.length * (high * 256 + low)) / 65_536)]
    if (block === undefined) return undefined
    const answers = await Promise.all(sources().map((source) => this.#served(source, block)))
    if (answers.includes(true)) return true
    return answers.length > 0 && answers.every((answer) => answer === false) ? false : undefined
  }

  async #served(source: BlockSource, block: ReturnType<typeof parseCid>): Promise<boolean | undefined> {
    const bound = new AbortController()
    const end = (): void => bound.abort()
    const cancel = this.#parts.platform.after(PROBE_BOUND, end)
    this.#ended.signal.addEventListener('abort', end)
    try {
      return await isOf(block, await source.fetch(block, { signal: bound.signal }))
    } catch (error) {
      return isSpiceTimeError(error, 'CONTENT_NOT_FOUND') ? false : undefined
    } finally {
      cancel()
      this.#ended.signal.removeEventListener('abort', end)
      end()
    }
  }

  async #move(content: KeptContent, level: Level): Promise<void> {
    const { kept, journal, onMoved } = this.#parts
    const now = await kept.get(content.cid)
    if (now === undefined) return
    const lowered = levelRank(level) < levelRank(now.level)
    const { events } = now
    await kept.write({ ...now, level }, events.length === 0 ? [] : journal.rowsFor([{ kind: 'level', events, level, lowered }]))
    onMoved()
  }
}

function levelBy(probed: boolean | undefined, level: Level): Level {
  if (probed === true) return 'shared'
  return probed === false ? 'sent' : level
}
