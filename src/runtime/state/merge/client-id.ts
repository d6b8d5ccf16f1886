import type { AuthorId } from '../../model/event.js'

const CLIENT_ID_BYTES = 6

/**
 * The Yjs client id that binds an author to a space: the first 48 bits of SHA-256 over `spicetime/client/<space>/<author>`. Nobody chooses it, so
 * that nobody can write in another's name; 48 bits make a chance meeting of a thousand authors as rare as one in 500 million.
 */
export async function clientIdOf(space: string, author: AuthorId): Promise<number> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`spicetime/client/${space}/${author}`)))
  return digest.subarray(0, CLIENT_ID_BYTES).reduce((id, byte) => id * 256 + byte, 0)
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
