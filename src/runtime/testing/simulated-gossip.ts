import type { EventId } from '../model/event.js'
import type { Level } from '../model/network.js'
import type { ProviderEvent } from '../networks/provider.js'
import type { News, Reaches, SimulatedMedium, SimulatedSettings, Standing } from './simulated-medium.js'

interface Replica {
  readonly holds: Map<EventId, ProviderEvent>
  readonly told: Map<EventId, Level>
  readonly news: News[]
}

/** Every replica holds what reached it and passes it on until all that it can reach hold it too. */
export class SimulatedGossip implements SimulatedMedium {
  readonly #settings: SimulatedSettings
  readonly #reaches: Reaches
  readonly #replicas = new Map<string, Replica>()

  constructor(settings: SimulatedSettings, reaches: Reaches) {
    this.#settings = settings
    this.#reaches = reaches
  }

  join(name: string): void {
    this.#replicas.set(name, { holds: new Map(), told: new Map(), news: [] })
    for (const [other, { holds }] of this.#replicas) for (const event of holds.values()) this.#transmit(event, other, name)
  }

  /** A replica always reaches its own store. */
  reachable(): boolean {
    return true
  }

  take(name: string, event: ProviderEvent): Standing {
    this.#hold(name, event)
    return this.#standingFor(name, event.id)
  }

  news(name: string): readonly News[] {
    return this.#replicas.get(name)?.news ?? []
  }

  healed(): void {
    for (const [name, { holds }] of this.#replicas) {
      for (const event of holds.values()) {
        this.#tell(event.id)
        for (const other of this.#replicas.keys()) this.#transmit(event, name, other)
      }
    }
  }

  /** Nothing is ordered, so nothing is rolled back. */
  rollBack(): number {
    return 0
  }

  exchange(): void {
    for (const replica of this.#replicas.values()) {
      replica.holds.clear()
      replica.told.clear()
      replica.news.push({ kind: 'reset' })
    }
  }

  #hold(name: string, event: ProviderEvent): void {
    const replica = this.#replicas.get(name)
    if (replica === undefined || replica.holds.has(event.id)) return
    replica.holds.set(event.id, event)
    replica.news.push({ kind: 'event', event })
    this.#tell(event.id)
    for (const other of this.#replicas.keys()) this.#transmit(event, name, other)
  }

  /** On its way until it arrives: what is lost is sent again. */
  #transmit(event: ProviderEvent, from: string, to: string): void {
    if (from === to || this.#replicas.get(to)?.holds.has(event.id) === true || !this.#reaches(from, to)) return
    const { platform } = this.#settings
    platform.after(this.#delay(), () => {
      const { loss, duplication } = this.#settings.faults
      if (platform.random() < loss) return this.#transmit(event, from, to)
      if (!this.#reaches(from, to)) return
      this.#hold(to, event)
      if (platform.random() < duplication) this.#replicas.get(to)?.news.push({ kind: 'event', event })
    })
  }

  #delay(): number {
    const { platform, faults } = this.#settings
    const [least, most] = faults.latency
    const usual = least + platform.random() * (most - least)
    return platform.random() < faults.reordering ? usual * 10 : usual
  }

  /** News of its level for every holder that can know of it. */
  #tell(id: EventId): void {
    for (const [name, replica] of this.#replicas) {
      if (!replica.holds.has(id)) continue
      const standing = this.#standingFor(name, id)
      if (replica.told.get(id) === standing.level) continue
      replica.told.set(id, standing.level)
      replica.news.push({ kind: 'standing', id, standing })
    }
  }

  #standingFor(name: string, id: EventId): Standing {
    const holders = [...this.#replicas].filter(([other, { holds }]) => holds.has(id) && this.#reaches(name, other)).length
    const known = this.#replicas.get(name)?.told.get(id)
    return { level: higher(known, this.#levelOf(holders)), reference: `held-${id.slice(-12)}` }
  }

  #levelOf(holders: number): Level {
    const all = this.#replicas.size
    if (holders < 2) return 'sent'
    if (holders === all) return 'final'
    return holders * 2 > all ? 'confirmed' : 'shared'
  }
}

const ORDER: readonly Level[] = ['local', 'sent', 'shared', 'confirmed', 'final']

/** A partition hides holders; it does not make them forget. */
function higher(known: Level | undefined, level: Level): Level {
  return known !== undefined && ORDER.indexOf(known) > ORDER.indexOf(level) ? known : level
}
