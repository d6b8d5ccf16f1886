import { ComputeBudgetProgram, Connection, Keypair, PublicKey, SystemProgram, Transaction, TransactionInstruction } from '@solana/web3.js'
import { afterEach, expect, test } from 'vitest'
import { startSolanaDevnet } from './solana-devnet.js'
import type { SolanaDevnet, SolanaDevnetOptions } from './solana-devnet.js'

const MEMO = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr')
const open: SolanaDevnet[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((devnet) => devnet.close()))
})

async function start(options: SolanaDevnetOptions = {}): Promise<{ devnet: SolanaDevnet; connection: Connection; payer: Keypair }> {
  const devnet = await startSolanaDevnet({ manual: true, finalityDepth: 4, ...options })
  open.push(devnet)
  const payer = Keypair.generate()
  await devnet.airdrop(payer.publicKey.toBase58(), 1_000_000_000)
  return { devnet, connection: new Connection(devnet.url, 'processed'), payer }
}

interface Memo {
  readonly text: string
  readonly reference: PublicKey
}

async function send(connection: Connection, payer: Keypair, { text, reference }: Memo): Promise<string> {
  const { blockhash } = await connection.getLatestBlockhash()
  const transfer = SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: payer.publicKey, lamports: 0 })
  transfer.keys.push({ pubkey: reference, isSigner: false, isWritable: false })
  const transaction = new Transaction({ recentBlockhash: blockhash, feePayer: payer.publicKey }).add(
    ComputeBudgetProgram.setComputeUnitLimit({ units: 400_000 }),
    transfer,
    new TransactionInstruction({ programId: MEMO, keys: [], data: Buffer.from(text) }),
  )
  transaction.sign(payer)
  return connection.sendRawTransaction(transaction.serialize(), { preflightCommitment: 'processed' })
}

test('a memo goes from processed to confirmed to finalized, a slot at a time, and is found by its reference', async () => {
  const { devnet, connection, payer } = await start()
  const reference = Keypair.generate().publicKey
  const signature = await send(connection, payer, { text: 'héllo', reference })
  expect((await connection.getSignatureStatus(signature)).value).toBeNull()
  await devnet.step()
  expect((await connection.getSignatureStatus(signature)).value).toMatchObject({ confirmationStatus: 'processed', err: null })
  expect(await connection.getSignaturesForAddress(reference, {}, 'confirmed')).toEqual([])
  await devnet.step()
  const [found] = await connection.getSignaturesForAddress(reference, {}, 'confirmed')
  expect(found).toMatchObject({ signature, memo: '[6] héllo', err: null, confirmationStatus: 'confirmed' })
  expect(await connection.getSignaturesForAddress(reference, {}, 'finalized')).toEqual([])
  await devnet.step(3)
  expect((await connection.getSignatureStatus(signature)).value).toMatchObject({ confirmationStatus: 'finalized', confirmations: null })
  const transaction = await connection.getTransaction(signature, { commitment: 'finalized', maxSupportedTransactionVersion: 0 })
  expect(transaction?.meta?.fee).toBe(5000)
  expect(transaction?.meta?.logMessages).toContain('Program log: Memo (len 6): "héllo"')
  expect(await connection.getBalance(payer.publicKey)).toBe(1_000_000_000 - 5000)
})
