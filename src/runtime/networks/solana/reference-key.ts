const LABEL = new TextEncoder().encode('spicetime/solana/1')

/**
 * The account that every transaction of a space names, so that a node lists them by it: SHA-256 of the label and the space's secret for this
 * network. Nobody has its private key, and only members can tell whose it is.
 */
export async function referenceKey(secret: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const input = new Uint8Array(LABEL.length + secret.length)
  input.set(LABEL)
  input.set(secret, LABEL.length)
  return new Uint8Array(await crypto.subtle.digest('SHA-256', input))
}
