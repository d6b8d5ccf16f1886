/** UTF-8. */
export function bytes(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value)
}

export function text(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder().decode(value)
}

/** Bytes that differ with their place and the seed. */
export function filled(size: number, seed: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, at) => (at * 31 + seed * 7 + (at >> 8)) & 255)
}

export function equal(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && left.byteLength === right.byteLength && left.every((byte, at) => byte === right[at])
}

/** `k/00000`, `k/00001`, … */
export function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `k/${String(at).padStart(5, '0')}`)
}
