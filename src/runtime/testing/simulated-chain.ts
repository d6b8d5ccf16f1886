import type { EventId } from '../model/event.js'
import type { Level } from '../model/network.js'
import type { ProviderEvent } from '../networks/provider.js'
import type { News, Reaches, SimulatedMedium, SimulatedSettings, Standing } from './simulated-medium.js'

interface Slot {
  readonly number: number
  readonly events: readonly ProviderEvent[]
  level: Level
}

/** Milliseconds between two slots, as on Solana. */
const SLOT_TIME = 400
/** Slots on top of its own that make a slot confirmed, and final. */
const CONFIRMED_DEPTH = 2
const FINAL_DEPTH = 8
/** Stands for the chain where replicas are split. */
const ORIGIN = 0

/** One chain for all replicas: what was sent is in a slot a moment later, and final once enough slots lie on top. */
export class SimulatedChain implements SimulatedMedium {
  readonly #settings: SimulatedSettings
  readonly #reaches: Reaches
  readonly #replicas: string[] = []
  readonly #news: News[] = []
  readonly #standings = new Map<EventId, Standing>()
  #pending: ProviderEvent[] = []
  #slots: Slot[] = []
  #height = 0
  #ticking = false

  constructor(settings: SimulatedSettings, reaches: Reaches) {
    this.#settings = settings
    this.#reaches = reaches
  }

  join(name: string): void {
    this.#replicas.push(name)
  }

  /** The chain is where the replica that joined first is. */
  reachable(name: string): boolean {
    const first = this.#replicas[ORIGIN]
    return first === undefined || this.#reaches(name, first)
  }

  take(_name: string, event: ProviderEvent): Standing {
    const known = this.#standings.get(event.id)
    if (known !== undefined) return known
    const standing: Standing = { level: 'sent', reference: `signature-${event.id.slice(-12)}` }
    this.#standings.set(event.id, standing)
    this.#pending.push(event)
    this.#tick()
    return standing
  }

  news(): readonly News[] {
    return this.#news
  }

  healed(): void {
    // The chain went on: replicas read on where they stopped.
  }

  rollBack(count: number): number {
    const kept = this.#slots.filter((slot, index) => slot.level === 'final' || index < this.#slots.length - count)
    const dropped = this.#slots.filter((slot) => !kept.includes(slot)).flatMap((slot) => slot.events)
    this.#slots = kept
    for (const { id } of dropped) {
      this.#standings.delete(id)
      this.#news.push({ kind: 'retracted', id })
    }
    return dropped.length
  }

  exchange(): void {
    this.#slots = []
    this.#pending = []
    this.#standings.clear()
    this.#news.push({ kind: 'reset' })
  }

  #tick(): void {
    if (this.#ticking) return
    this.#ticking = true
    this.#settings.platform.after(SLOT_TIME, () => {
      this.#ticking = false
      this.#addSlot()
      if (this.#pending.length > 0 || this.#slots.some((slot) => slot.level !== 'final')) this.#tick()
    })
  }

  #addSlot(): void {
    const number = ++this.#height
    const events = this.#shuffled(this.#pending)
    this.#pending = []
    if (events.length > 0) this.#slots.push({ number, events, level: 'shared' })
    events.forEach((event, index) => {
      this.#announce(event)
      this.#promote(event, 'shared', [number, index, 0])
    })
    for (const slot of this.#slots) this.#deepen(slot)
  }

  #announce(event: ProviderEvent): void {
    this.#news.push({ kind: 'event', event })
    if (this.#settings.platform.random() < this.#settings.faults.duplication) this.#news.push({ kind: 'event', event })
  }

  #deepen(slot: Slot): void {
    const depth = this.#height - slot.number
    const level: Level = depth >= FINAL_DEPTH ? 'final' : depth >= CONFIRMED_DEPTH ? 'confirmed' : 'shared'
    if (level === slot.level) return
    slot.level = level
    slot.events.forEach((event, index) => this.#promote(event, level, [slot.number, index, 0]))
  }

  #promote({ id }: ProviderEvent, level: Level, order: readonly [number, number, number]): void {
    const standing: Standing = { level, reference: `signature-${id.slice(-12)}`, order }
    this.#standings.set(id, standing)
    this.#news.push({ kind: 'standing', id, standing })
  }

  /** The leader orders as it likes. */
  #shuffled(events: readonly ProviderEvent[]): readonly ProviderEvent[] {
    const { platform, faults } = this.#settings
    return events
      .map((event, index) => ({ event, place: platform.random() < faults.reordering ? platform.random() * events.length : index }))
      .sort((a, b) => a.place - b.place)
      .map(({ event }) => event)
  }
}
