/** Keys, signatures and hashes as Solana writes them: https://datatracker.ietf.org/doc/html/draft-msporny-base58-03 */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const BASE = 58

export function toBase58(bytes: Uint8Array): string {
  const digits: number[] = []
  for (const byte of bytes) {
    let carry = byte
    for (let index = 0; index < digits.length || carry > 0; index++) {
      carry += (digits[index] ?? 0) * 256
      digits[index] = carry % BASE
      carry = Math.floor(carry / BASE)
    }
  }
  const text = digits.map((digit) => ALPHABET[digit]).reverse()
  return '1'.repeat(leading(bytes, 0)) + text.join('')
}

/** Undefined for text that is not base 58. */
export function fromBase58(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes: number[] = []
  const digits = Array.from(text, (character) => ALPHABET.indexOf(character))
  for (const digit of digits) {
    if (digit < 0) return undefined
    let carry = digit
    for (let index = 0; index < bytes.length || carry > 0; index++) {
      carry += (bytes[index] ?? 0) * BASE
      bytes[index] = carry & 255
      carry >>= 8
    }
  }
  const zeros = Array.from({ length: leading(digits, 0) }, () => 0)
  return Uint8Array.from([...zeros, ...bytes.reverse()])
}

function leading(items: Iterable<number>, value: number): number {
  let count = 0
  for (const item of items) {
    if (item !== value) break
    count++
  }
  return count
}
