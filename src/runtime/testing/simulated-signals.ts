import type { SpaceReference } from '../model/event.js'
import type { ProviderSignals } from '../networks/provider.js'

type Listener = (space: SpaceReference, message: Uint8Array) => void

/** Members who are online, in memory: what one sends the others hear, unless a test says otherwise. */
export class SimulatedSignals {
  readonly #listeners = new Map<string, Set<Listener>>()
  /** All that was sent, for a test to read and to send again. */
  readonly sent: { readonly from: string; readonly space: SpaceReference; readonly message: Uint8Array }[] = []

  join(name: string): ProviderSignals {
    const own = this.#listeners.get(name) ?? new Set<Listener>()
    this.#listeners.set(name, own)
    return {
      send: (space, message) => {
        this.sent.push({ from: name, space, message })
        for (const [other, listeners] of this.#listeners) if (other !== name) for (const hear of listeners) hear(space, message)
        return Promise.resolve()
      },
      onMessage: (listener) => {
        own.add(listener)
        return () => own.delete(listener)
      },
    }
  }
}
