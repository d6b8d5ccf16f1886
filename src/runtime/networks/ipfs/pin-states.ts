import type { SpaceReference } from '../../model/event.js'
import type { PinReport } from '../content.js'
import { parseCid } from './content-id.js'
import { walkDag } from './dag-links.js'
import type { HeliaNode } from './helia-node.js'
import type { KeptContent } from './kept-content.js'
import { pinName } from './pin-name.js'
import type { PinRequest, PinService, PinState } from './pin-service.js'

/** Content of a space that others have too. */
export type SpaceContent = KeptContent & { readonly space: SpaceReference }

export interface PinStatesParts {
  readonly node: HeliaNode
  readonly pins: readonly PinService[]
  readonly signal: AbortSignal
}

/** CIDs that a service is asked for at once. */
const ASKED_AT_ONCE = 100

/** What all services say of this device's contents in one look. One that did not answer has said nothing. */
export class PinStates {
  readonly #parts: PinStatesParts
  readonly #states = new Map<string, Map<PinService, PinState>>()
  readonly #failures = new Map<PinService, string>()

  constructor(parts: PinStatesParts) {
    this.#parts = parts
  }

  /** Who failed, and how, as one text for a person; undefined when nobody did. */
  get remark(): string | undefined {
    if (this.#failures.size === 0) return undefined
    const said = [...this.#failures].map(([{ name }, failure]) => `${name}: ${failure}`)
    return `Not all pins could be looked at. ${said.join(' ')}`
  }

  /** Asks each service how each content stands. Never rejects. */
  ask(kept: readonly SpaceContent[]): Promise<void> {
    return this.#withEach((service) => this.#look(service, kept))
  }

  /** Offers each service that answered what it lacks, and asks how that stands then. Never rejects. */
  offer(kept: readonly SpaceContent[]): Promise<void> {
    return this.#withEach(async (service) => {
      const lacking = kept.filter(({ cid }) => isLacking(this.#states.get(cid)?.get(service)))
      for (const content of lacking) await service.pin(this.#requestFor(content), { signal: this.#parts.signal })
      await this.#look(service, lacking)
    })
  }

  /** Those that answered. */
  of(cid: string): readonly PinState[] {
    return [...(this.#states.get(cid)?.values() ?? [])]
  }

  /** By CID. */
  *reports(at: number): Iterable<readonly [cid: string, reports: readonly PinReport[]]> {
    for (const [cid, states] of this.#states) yield [cid, [...states].map(([{ name }, state]) => ({ service: name, state, at }))]
  }

  async #withEach(work: (service: PinService) => Promise<void>): Promise<void> {
    const { pins, signal } = this.#parts
    for (const service of pins) {
      if (signal.aborted) return
      if (this.#failures.has(service)) continue
      try {
        await work(service)
      } catch (error) {
        if (signal.aborted) return
        this.#failures.set(service, error instanceof Error ? error.message : String(error))
      }
    }
  }

  async #look(service: PinService, kept: readonly SpaceContent[]): Promise<void> {
    for (let at = 0; at < kept.length; at += ASKED_AT_ONCE) {
      const cids = kept.slice(at, at + ASKED_AT_ONCE).map(({ cid }) => cid)
      const found = await service.states(cids, { signal: this.#parts.signal })
      for (const cid of cids) {
        const states = this.#states.get(cid) ?? new Map<PinService, PinState>()
        this.#states.set(cid, states.set(service, found.get(cid) ?? 'absent'))
      }
    }
  }

  #requestFor({ cid, space, events }: SpaceContent): PinRequest {
    const { node } = this.#parts
    return {
      cid,
      name: pinName(space, events.length > 0),
      origins: [],
      async *blocks() {
        for await (const block of walkDag(parseCid(cid), (each) => node.local(each))) {
          const bytes = block.bytes ?? (await node.local(block.cid))
          if (bytes !== undefined) yield { cid: block.cid.toString(), bytes }
        }
      },
    }
  }
}

function isLacking(state: PinState | undefined): boolean {
  return state === 'absent' || state === 'failed'
}
