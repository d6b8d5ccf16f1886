import type { Delivery } from '../model/decision.js'
import type { EventId } from '../model/event.js'
import type { Network } from '../model/network.js'

/** A delivery that someone is busy with. */
export interface Flight {
  readonly network: Network
  readonly position: number
  readonly controller: AbortController
  /** How it stands, once it was read. */
  delivery: Delivery | undefined
  /** Once it was read. */
  event: EventId | undefined
  /** Size of the event, once it was read. */
  bytes: number
  /** Lamports that it may cost: they can't be spent twice. */
  reserved: number
  /** A transaction that is not durable yet delivers it: nothing else may be written about it. */
  settled: boolean
}

/** Who is busy with which delivery, and which are being settled by the intake. */
export class Flights {
  readonly #flights = new Map<string, Flight>()
  readonly #settling = new Map<string, number>()

  /** Undefined when someone is busy with it already. */
  begin(network: Network, position: number): Flight | undefined {
    const name = nameOf(network, position)
    if (this.#flights.has(name)) return undefined
    const flight: Flight = {
      network,
      position,
      controller: new AbortController(),
      delivery: undefined,
      event: undefined,
      bytes: 0,
      reserved: 0,
      settled: this.#settling.has(name),
    }
    this.#flights.set(name, flight)
    return flight
  }

  get(network: Network, position: number): Flight | undefined {
    return this.#flights.get(nameOf(network, position))
  }

  end({ network, position }: Flight): void {
    this.#flights.delete(nameOf(network, position))
  }

  /** Lamports that are being spent on a network. */
  reserved(network: Network): number {
    let sum = 0
    for (const flight of this.#flights.values()) if (flight.network === network && !flight.settled) sum += flight.reserved
    return sum
  }

  abortAll(network: Network): void {
    for (const flight of this.#flights.values()) if (flight.network === network) flight.controller.abort()
  }

  /** A transaction that moves this delivery is being prepared. */
  settle(network: Network, position: number): void {
    const name = nameOf(network, position)
    this.#settling.set(name, (this.#settling.get(name) ?? 0) + 1)
    const flight = this.#flights.get(name)
    if (flight !== undefined) flight.settled = true
  }

  /** That transaction is durable. */
  settled(network: Network, position: number): void {
    const name = nameOf(network, position)
    const count = (this.#settling.get(name) ?? 1) - 1
    if (count > 0) this.#settling.set(name, count)
    else this.#settling.delete(name)
  }

  /** Every transaction that was being prepared failed. */
  unsettle(): void {
    this.#settling.clear()
    for (const flight of this.#flights.values()) flight.settled = false
  }
}

function nameOf(network: Network, position: number): string {
  return `${network}/${position}`
}
