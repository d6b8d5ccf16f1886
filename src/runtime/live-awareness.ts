import { SpiceTimeError } from './errors/spice-time-error.js'
import type { Platform } from './platform/platform.js'

/** Bytes that one editor may say of itself: a name, a colour and a cursor have 300. */
export const MAX_AWARENESS_BYTES = 4096
/** Editors of one field that are shown to one another. */
const MAX_EDITORS = 256
/** Milliseconds after which an editor that says nothing is gone, as in y-protocols. */
const SILENCE = 30_000

interface Editor {
  readonly bytes: Uint8Array
  readonly at: number
  readonly where: 'here' | 'elsewhere'
}
interface Listener {
  readonly news: Set<number>
  flush(): void
}

/** What the editors of one field last said of themselves (y-protocols awareness updates). Memory alone. */
export class AwarenessBoard {
  readonly #platform: Platform
  readonly #editors = new Map<number, Editor>()
  readonly #listeners = new Set<Listener>()

  constructor(platform: Platform) {
    this.#platform = platform
  }

  get empty(): boolean {
    return this.#listeners.size === 0
  }

  /** The newcomer is told of everybody who is there. */
  join(listener: Listener): () => void {
    this.#forgetSilent()
    for (const client of this.#editors.keys()) listener.news.add(client)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Passes on what an editor says of itself.
   * @returns whether it was known before
   * @throws SpiceTimeError INPUT_MALFORMED
   */
  tell(bytes: Uint8Array, where: Editor['where']): 'known' | 'newcomer' {
    const client = clientOf(bytes)
    this.#forgetSilent()
    const known = this.#editors.has(client)
    if (!known && this.#editors.size >= MAX_EDITORS) return 'known'
    this.#editors.set(client, { bytes: new Uint8Array(bytes), at: this.#platform.monotonic(), where })
    for (const listener of this.#listeners) {
      listener.news.add(client)
      listener.flush()
    }
    return known ? 'known' : 'newcomer'
  }

  /** What the editors on this device said last. */
  here(): readonly Uint8Array[] {
    return [...this.#editors.values()].flatMap(({ bytes, where }) => (where === 'here' ? [bytes] : []))
  }

  latest(clients: ReadonlySet<number>): readonly Uint8Array[] {
    return [...clients].flatMap((client) => this.#editors.get(client)?.bytes ?? [])
  }

  #forgetSilent(): void {
    const now = this.#platform.monotonic()
    for (const [client, { at }] of this.#editors) if (now - at >= SILENCE) this.#editors.delete(client)
  }
}

/** The one client of an awareness update: `1, client, clock, JSON`, numbers as variable-length integers. @throws SpiceTimeError INPUT_MALFORMED */
export function clientOf(bytes: Uint8Array): number {
  if (bytes.length > MAX_AWARENESS_BYTES || bytes[0] !== 1) throw malformed()
  let client = 0
  for (let at = 1, scale = 1; at < Math.min(bytes.length, 9); at++, scale *= 128) {
    const byte = bytes[at] ?? 0
    client += (byte % 128) * scale
    if (byte < 128) return client
  }
  throw malformed()
}

function malformed(): SpiceTimeError {
  return new SpiceTimeError(
    'INPUT_MALFORMED',
    `An awareness message was dropped: it is not that of one editor, or has more than ${MAX_AWARENESS_BYTES} bytes.`,
  )
}
