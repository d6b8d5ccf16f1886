const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Text as UTF-8, for small rows of the store. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  // A call of the platform's encoder costs more than an id has characters.
  if (!isAscii(text)) return encoder.encode(text)
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}

export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false
  return true
}
