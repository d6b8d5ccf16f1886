/** RFC 4648 base64, as JSON-RPC takes transactions. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
