import { PublicKey } from '@solana/web3.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase58, toBase58 } from './base58.js'

test('it is what Solana itself writes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      expect(toBase58(bytes)).toBe(new PublicKey(bytes).toBase58())
    }),
  )
})

test('bytes of any length come back, zeros in front too', () => {
  fc.assert(
    fc.property(fc.nat(3), fc.uint8Array({ maxLength: 70 }), (zeros, rest) => {
      const bytes = Uint8Array.from([...new Uint8Array(zeros), ...rest])
      expect(fromBase58(toBase58(bytes))).toEqual(bytes)
    }),
  )
  for (const text of ['0', 'O', 'I', 'l', ' ', 'a+']) expect(fromBase58(text)).toBeUndefined()
})
