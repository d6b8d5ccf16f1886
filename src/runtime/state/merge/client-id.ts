import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { AuthorId } from '../../model/event.js'

const CLIENT_ID_BYTES = 6
/**
 * Above the 48 bits of an author's id lies the number of a live session of that author (1 to 31, 0 is the runtime's own), so that several editors of
 * one author write at once and none can write in another author's name: `docs/decisions/0015-live-documents.md`.
 */
const CLIENT_ID_RANGE = 2 ** (8 * CLIENT_ID_BYTES)

/** Whether the Yjs client id is the author's own or that of one of the author's live sessions. */
export function isClientOf(client: number, author: number): boolean {
  return client % CLIENT_ID_RANGE === author
}

/**
 * The Yjs client id that binds an author to a space: the first 48 bits of SHA-256 over `spicetime/client/<space>/<author>`. Nobody chooses it, so
 * that nobody can write in another's name; 48 bits make a chance meeting of a thousand authors as rare as one in 500 million.
 */
export async function clientIdOf(space: string, author: AuthorId): Promise<number> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`spicetime/client/${space}/${author}`)))
  return digest.subarray(0, CLIENT_ID_BYTES).reduce((id, byte) => id * 256 + byte, 0)
}

export function foreignClient(): SpiceTimeError {
  return new SpiceTimeError('CLIENT_ID_FOREIGN', "An event was refused: its Yjs update writes under another author's client id.")
}

/** Client ids by author and space, kept once computed. */
export class ClientIds {
  readonly #ids = new Map<string, number>()

  known({ space, author }: { readonly space: string; readonly author: AuthorId }): number | undefined {
    return this.#ids.get(`${space}/${author}`)
  }

  async of({ space, author }: { readonly space: string; readonly author: AuthorId }): Promise<number> {
    const key = `${space}/${author}`
    const id = this.#ids.get(key) ?? (await clientIdOf(space, author))
    this.#ids.set(key, id)
    return id
  }
}
