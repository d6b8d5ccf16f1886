import { VersionedTransaction } from '@solana/web3.js'
import { expect, test } from 'vitest'
import { toBase58 } from './base58.js'
import { loadBurner } from './payer.js'
import { MemoryKeys } from '../../testing/memory-parts.js'
import { compileMessage, feeOf, memoRoom, signTransaction } from './transaction.js'

const blockhash = toBase58(new Uint8Array(32).fill(5))
const reference = new Uint8Array(32).fill(6)

test.each([0, 1])('a memo that fills the room makes a transaction of just 1,232 bytes (price %d)', async (unitPrice) => {
  const payer = await loadBurner(new MemoryKeys())
  const plan = { payer, reference, memo: 'x'.repeat(memoRoom(unitPrice > 0)), blockhash, unitLimit: 400_000, unitPrice }
  const { bytes, signature } = await signTransaction(compileMessage(plan), payer)
  expect(bytes).toHaveLength(1232)
  const { message, signatures } = VersionedTransaction.deserialize(bytes)
  expect(toBase58(signatures[0] ?? new Uint8Array())).toBe(signature)
  const places = message.staticAccountKeys.map((_, index) => [message.isAccountSigner(index), message.isAccountWritable(index)])
  expect(places).toEqual([[true, true], ...Array.from({ length: 4 }, () => [false, false])])
  expect(message.staticAccountKeys[1]?.toBytes()).toEqual(reference)
})

test('a fee is what the signature costs and the priority, rounded up', () => {
  expect(feeOf(400_000, 0)).toBe(5_000)
  expect(feeOf(400_001, 1_000)).toBe(5_401)
})
