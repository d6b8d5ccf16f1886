import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { DeviceParts } from '../provider-parts.js'
import { calledOff, stopped } from './solana-errors.js'
import { WALLET_SERVICE } from './wallet-service.js'

export interface WalletWatchParts {
  readonly device: Pick<DeviceParts, 'pages'>
  /** Why events wait for a page now; undefined once none does. */
  readonly onWaiting: (reason: string | undefined) => void
  /** A page offers the wallet, or one less does. */
  readonly onChange: () => void
}

/** Events that only a page's wallet can pay for wait here until one offers it. Reading goes on meanwhile. */
export class WalletWatch {
  readonly #parts: WalletWatchParts
  readonly #waiting = new Set<{ go: () => void; fail: (error: unknown) => void }>()
  #watching: Promise<void> | undefined
  #forget: () => void = () => undefined
  #stopped = false
  /** Grows each time that a page comes or goes. */
  changes = 0

  constructor(parts: WalletWatchParts) {
    this.#parts = parts
  }

  /** Begins to hear of pages that come and go. */
  watch(): Promise<void> {
    this.#watching ??= this.#watch()
    return this.#watching
  }

  /**
   * Resolves when a page offers the wallet anew. One that declined has withdrawn its offer.
   * @param since `changes` before the wallet was asked
   * @throws SpiceTimeError ABORTED, NETWORK_NOT_CONNECTED when the provider stops
   */
  async offeredAgain(since: number, why: SpiceTimeError, signal: AbortSignal | undefined): Promise<void> {
    const pages = await this.#parts.device.pages()
    if (this.changes !== since && pages.offered(WALLET_SERVICE)) return
    if (this.#stopped) throw stopped()
    if (signal?.aborted === true) throw calledOff(signal.reason)
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        this.#waiting.delete(waiter)
        signal?.removeEventListener('abort', onAbort)
        if (this.#waiting.size === 0) this.#parts.onWaiting(undefined)
      }
      const waiter = { go: () => (settle(), resolve()), fail: (error: unknown) => (settle(), reject(error)) }
      const onAbort = (): void => waiter.fail(calledOff(signal?.reason))
      signal?.addEventListener('abort', onAbort)
      this.#waiting.add(waiter)
      this.#parts.onWaiting(why.message)
    })
  }

  stop(): void {
    this.#stopped = true
    this.#forget()
    for (const { fail } of [...this.#waiting]) fail(stopped())
  }

  async #watch(): Promise<void> {
    const pages = await this.#parts.device.pages()
    if (this.#stopped) return
    this.#forget = pages.onChange(() => {
      this.changes += 1
      this.#parts.onChange()
      if (pages.offered(WALLET_SERVICE)) for (const { go } of [...this.#waiting]) go()
    })
  }
}
