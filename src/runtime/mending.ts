import type { Diagnostics } from './diagnostics/diagnostics.js'
import { asSpiceTimeError } from './errors/spice-time-error.js'
import { documentOf, parsePath } from './model/path.js'
import type { DocumentPath } from './model/path.js'
import type { Store } from './storage/store.js'

export interface MendingParts {
  readonly store: Store
  readonly diagnostics: Diagnostics
  readonly refold: (documents: readonly DocumentPath[]) => Promise<void>
}

const DOCUMENT_ROW = 'd/'

/** Writes anew what was kept of documents and was damaged: all of it follows from their events. Reads don't wait for it. */
export class Mending {
  readonly #parts: MendingParts
  #unsubscribe: () => void = () => undefined

  constructor(parts: MendingParts) {
    this.#parts = parts
  }

  /** Looks at what was damaged before, and waits for what will be found. */
  start(): void {
    this.#unsubscribe = this.#parts.diagnostics.subscribe(({ diagnostic }) => {
      if (diagnostic.kind === 'record-damaged') this.#mend([diagnostic.key])
    })
    this.#mend(this.#parts.store.damaged().map(({ key }) => key))
  }

  stop(): void {
    this.#unsubscribe()
  }

  #mend(keys: readonly string[]): void {
    const rows = keys.filter((key) => key.startsWith(DOCUMENT_ROW))
    if (rows.length === 0) return
    this.#rebuild(rows).catch((error: unknown) => {
      const { code, message } = asSpiceTimeError(error)
      this.#parts.diagnostics.emit({ kind: 'background-failed', task: 'mending damaged documents', code, reason: message })
    })
  }

  async #rebuild(rows: readonly string[]): Promise<void> {
    const kept = await this.#parts.store.getMany(rows)
    const lost = rows
      .filter((_, index) => kept[index] === undefined)
      .flatMap((key) => documentOf(parsePath(key.slice(DOCUMENT_ROW.length))) ?? [])
    if (lost.length > 0) await this.#parts.refold([...new Set(lost)])
  }
}
