const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Text as UTF-8, for small rows of the store. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  // A call of the platform's encoder costs more than an id has characters.
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 127) return encoder.encode(text)
    bytes[index] = unit
  }
  return bytes
}

export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
