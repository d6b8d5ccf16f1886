import type { Conductor, ConductorLink, LinkEvents } from './conductor.js'
import { stopped } from './holochain-errors.js'

export interface ConnectionParts {
  readonly conductor: Conductor
  readonly onSignal: LinkEvents['onSignal']
  /** The link is no more: what was opened through it is to be opened anew. */
  readonly onGone: () => void
  /** It ended by itself. */
  readonly onLost: () => void
}

/** This device's one link to its conductor: opened when it is first asked for, and anew after it is gone. */
export class ConductorConnection {
  readonly #parts: ConnectionParts
  #link: Promise<ConductorLink> | undefined
  #open: ConductorLink | undefined
  #closed = false
  #forget: () => void = () => undefined

  constructor(parts: ConnectionParts) {
    this.#parts = parts
  }

  /** Undefined while there is none. */
  get open(): ConductorLink | undefined {
    return this.#open
  }

  /** @throws SpiceTimeError NETWORK_NOT_CONNECTED once it is closed; as the conductor fails */
  link(): Promise<ConductorLink> {
    if (this.#closed) return Promise.reject(stopped())
    this.#link ??= this.#begin().catch((error: unknown) => {
      this.#link = undefined
      throw error
    })
    return this.#link
  }

  /** Whoever mends that a conductor has another app, or another token, for us may do so while it runs: all of it is asked for again. */
  drop(link: ConductorLink): void {
    link.close()
    if (this.#open === link) this.#gone()
  }

  /** Calls back when there may be a conductor where there was none, until it is closed. */
  onChange(listener: () => void): void {
    this.#forget = this.#parts.conductor.onChange(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#forget()
    const link = await this.#link?.catch(() => undefined)
    link?.close()
  }

  async #begin(): Promise<ConductorLink> {
    const { conductor, onSignal, onLost } = this.#parts
    const link = await conductor.connect({
      onSignal,
      // A conductor that starts anew has other ports, tokens and grants.
      onClosed: () => {
        this.#gone()
        onLost()
      },
    })
    this.#open = link
    return link
  }

  #gone(): void {
    this.#link = undefined
    this.#open = undefined
    this.#parts.onGone()
  }
}
