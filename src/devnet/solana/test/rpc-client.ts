import { ComputeBudgetProgram, Keypair, PublicKey, SystemProgram, Transaction, TransactionInstruction } from '@solana/web3.js'

const MEMO = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr')

/** One JSON-RPC answer, as it came. */
export interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** Asks a node, without a library's opinion of the answer. */
export async function ask(url: string, method: string, params: readonly unknown[] = []): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const answer: unknown = await response.json()
  if (typeof answer !== 'object' || answer === null) throw new Error(`${method} was answered with ${String(answer)}`)
  return answer
}

/** What is at the path of keys in an answer; undefined where it ends. */
export function at(answer: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), answer)
}

export interface MemoOptions {
  readonly payer: Keypair
  readonly reference: PublicKey
  readonly blockhash: string
  readonly memos: readonly (string | Uint8Array)[]
  readonly units?: number
}

/** A signed transfer of nothing with the reference and the memos, in base64. */
export function memoTransaction({ payer, reference, blockhash, memos, units }: MemoOptions): string {
  const transaction = new Transaction({ recentBlockhash: blockhash, feePayer: payer.publicKey })
  if (units !== undefined) transaction.add(ComputeBudgetProgram.setComputeUnitLimit({ units }))
  const transfer = SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: payer.publicKey, lamports: 0 })
  transfer.keys.push({ pubkey: reference, isSigner: false, isWritable: false })
  transaction.add(transfer)
  for (const memo of memos) transaction.add(new TransactionInstruction({ programId: MEMO, keys: [], data: Buffer.from(memo) }))
  transaction.sign(payer)
  return transaction.serialize().toString('base64')
}

/** A blockhash of that commitment. */
export async function blockhashOf(url: string, commitment = 'processed'): Promise<string> {
  return String(at(await ask(url, 'getLatestBlockhash', [{ commitment }]), 'result', 'value', 'blockhash'))
}

/** A funded key. `step` waits for, or makes, slots. */
export async function fundedKey(url: string, step: () => Promise<void>): Promise<Keypair> {
  const payer = Keypair.generate()
  const address = payer.publicKey.toBase58()
  const { result } = await ask(url, 'requestAirdrop', [address, 1_000_000_000])
  const isConfirmed = async (): Promise<boolean> => {
    const status = at(await ask(url, 'getSignatureStatuses', [[result]]), 'result', 'value', 0, 'confirmationStatus')
    return status === 'confirmed' || status === 'finalized'
  }
  while (!(await isConfirmed())) await step()
  return payer
}
