import type { Wallet, WalletAccount } from '@wallet-standard/base'
import { expect, test } from 'vitest'
import type { PageAnswerer } from '../runtime-client.js'
import { offerSolanaWallet } from './solana-wallet.js'

const SIGN = 'solana:signTransaction'
const account: WalletAccount = { address: 'Payer', publicKey: new Uint8Array(32).fill(7), chains: [], features: [SIGN] }
/** One signer, as in a legacy message's header. */
const MESSAGE = new Uint8Array([1, 0, 2, 9, 9, 9])

interface Behaviour {
  readonly sign?: (transaction: Uint8Array) => Promise<Uint8Array>
  readonly accounts?: readonly WalletAccount[]
}

function walletThat({ sign = async (bytes) => signedAs(bytes, 5), accounts = [account] }: Behaviour = {}) {
  let onChange: (change: { accounts?: readonly WalletAccount[] }) => void = () => undefined
  const wallet: Wallet = {
    ...{ version: '1.0.0', name: 'Test', icon: 'data:image/png;base64,', chains: [], accounts },
    features: {
      'standard:connect': { connect: async () => ({ accounts }) },
      'standard:events': { on: (_event: string, listener: typeof onChange) => ((onChange = listener), () => undefined) },
      [SIGN]: { signTransaction: async ({ transaction }: { transaction: Uint8Array }) => [{ signedTransaction: await sign(transaction) }] },
    },
  }
  return { wallet, change: (next: readonly WalletAccount[]): void => onChange({ accounts: next }) }
}

function signedAs(transaction: Uint8Array, byte: number): Uint8Array {
  const signed = transaction.slice()
  signed.fill(byte, 1, 65)
  return signed
}

class Offers {
  answerer: PageAnswerer | undefined
  offer = async (_service: string, answerer: PageAnswerer): Promise<() => void> => {
    this.answerer = answerer
    return () => (this.answerer = undefined)
  }
  ask = (request: unknown): Promise<unknown> => {
    if (this.answerer === undefined) throw new Error('nothing is offered')
    return this.answerer(request, { signal: new AbortController().signal })
  }
}

test('says who pays, and signs the message that it is given', async () => {
  const runtime = new Offers()
  const offer = await offerSolanaWallet(runtime, { wallet: walletThat().wallet })
  expect([offer.wallet, offer.address]).toEqual(['Test', 'Payer'])
  expect(await runtime.ask({ kind: 'account' })).toEqual({ publicKey: account.publicKey })
  expect(await runtime.ask({ kind: 'sign', message: MESSAGE })).toEqual({ signature: new Uint8Array(64).fill(5) })
  offer.withdraw()
  expect(runtime.answerer).toBeUndefined()
})

test('one that can not sign for Solana is missing, and changes nothing', async () => {
  const { wallet } = walletThat()
  const runtime = new Offers()
  const other = { ...wallet, features: { 'standard:connect': wallet.features['standard:connect'] } }
  await expect(offerSolanaWallet(runtime, { wallet: other })).rejects.toMatchObject({ code: 'WALLET_MISSING' })
  expect(runtime.answerer).toBeUndefined()
})

test('one that gives no account has declined', async () => {
  const { wallet } = walletThat({ accounts: [{ ...account, features: [] }] })
  await expect(offerSolanaWallet(new Offers(), { wallet })).rejects.toMatchObject({ code: 'WALLET_DECLINED' })
})

const REFUSALS: readonly (readonly [name: string, sign: (transaction: Uint8Array) => Promise<Uint8Array>])[] = [
  ['declines', () => Promise.reject(new Error('User rejected the request.'))],
  ['changes the transaction', async (bytes) => signedAs(bytes, 5).map((byte, at) => (at === bytes.length - 1 ? 0 : byte))],
  ['signs a longer one', async (bytes) => new Uint8Array([...signedAs(bytes, 5), 1])],
  ['gives nothing', async () => new Uint8Array()],
]
test.each(REFUSALS)('one that %s is no longer offered, and the app is told', async (_name, sign) => {
  const runtime = new Offers()
  const why: string[] = []
  await offerSolanaWallet(runtime, { wallet: walletThat({ sign }).wallet, onWithdrawn: ({ code }) => why.push(code) })
  await expect(runtime.ask({ kind: 'sign', message: MESSAGE })).rejects.toMatchObject({ code: 'WALLET_DECLINED' })
  expect(why).toEqual(['WALLET_DECLINED'])
  expect(runtime.answerer).toBeUndefined()
})

test('one whose person goes over to another account is no longer offered', async () => {
  const { wallet, change } = walletThat()
  const runtime = new Offers()
  const why: string[] = []
  await offerSolanaWallet(runtime, { wallet, onWithdrawn: ({ message }) => why.push(message) })
  change([account])
  expect(why).toEqual([])
  change([{ ...account, address: 'Other' }])
  expect(why).toHaveLength(1)
  expect(why[0]).toContain('Payer')
  expect(runtime.answerer).toBeUndefined()
})

test('a question that this build does not know is refused', async () => {
  const runtime = new Offers()
  await offerSolanaWallet(runtime, { wallet: walletThat().wallet })
  await expect(runtime.ask({ kind: 'sign' })).rejects.toMatchObject({ code: 'PROTOCOL_MISMATCH' })
})
