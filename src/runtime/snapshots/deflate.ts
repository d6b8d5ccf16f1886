/** Raw DEFLATE (RFC 1951), as the platform's own streams do it. */
export async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** Undefined unless the bytes inflate to just as many as were said: what would grow further is never read to its end. */
export async function inflate(bytes: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  const inflated = new Uint8Array(length)
  let at = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return at === length ? inflated : undefined
      if (at + value.length > length) {
        await reader.cancel()
        return undefined
      }
      inflated.set(value, at)
      at += value.length
    }
  } catch {
    // Bytes that are no DEFLATE: what is wrong with them, the caller says.
    return undefined
  }
}
