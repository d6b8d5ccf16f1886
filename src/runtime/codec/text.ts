const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Text as UTF-8, for small rows of the store. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text) as Uint8Array<ArrayBuffer>
}

export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false
  return true
}
