import type { Wallet, WalletAccount } from '@wallet-standard/base'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const KEPT = 'test-wallet'
const SIGN = 'solana:signTransaction'

/** A wallet as a browser's extension registers it, which signs whatever it is asked to, unless it is told to decline. Its key outlives the page. */
export class TestWallet {
  declines = false
  asked = 0

  async register(): Promise<void> {
    const { key, publicKey } = await keyPair()
    const account: WalletAccount = { address: toBase58(publicKey), publicKey, chains: ['solana:localnet'], features: [SIGN] }
    const wallet: Wallet = {
      version: '1.0.0',
      name: 'Test Wallet',
      icon: 'data:image/png;base64,',
      chains: ['solana:localnet'],
      accounts: [account],
      features: {
        'standard:connect': { version: '1.0.0', connect: async () => ({ accounts: [account] }) },
        [SIGN]: {
          version: '1.0.0',
          supportedTransactionVersions: ['legacy', 0],
          signTransaction: async ({ transaction }: { readonly transaction: Uint8Array<ArrayBuffer> }) => [
            { signedTransaction: await this.#sign(key, transaction) },
          ],
        },
      },
    }
    const callback = ({ register }: { readonly register: (wallet: Wallet) => void }): void => register(wallet)
    addEventListener('wallet-standard:app-ready', (event) => callback((event as CustomEvent).detail))
    dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: callback }))
  }

  async #sign(key: CryptoKey, transaction: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    this.asked += 1
    if (this.declines) throw new Error('User rejected the request.')
    const signed = transaction.slice()
    const signers = signed[0] ?? 0
    signed.set(new Uint8Array(await crypto.subtle.sign('Ed25519', key, signed.subarray(1 + 64 * signers))), 1)
    return signed
  }
}

async function keyPair(): Promise<{ readonly key: CryptoKey; readonly publicKey: Uint8Array<ArrayBuffer> }> {
  const kept = localStorage.getItem(KEPT)
  const jwk = kept === null ? await newKey() : (JSON.parse(kept) as JsonWebKey)
  localStorage.setItem(KEPT, JSON.stringify(jwk))
  const { d: _secret, key_ops: _operations, ...open } = jwk
  const publicKey = await crypto.subtle.importKey('jwk', open, 'Ed25519', true, ['verify'])
  return {
    key: await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['sign']),
    publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)),
  }
}

async function newKey(): Promise<JsonWebKey> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
  return await crypto.subtle.exportKey('jwk', pair.privateKey)
}

function toBase58(bytes: Uint8Array): string {
  let rest = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  let text = ''
  for (; rest > 0n; rest /= 58n) text = (ALPHABET[Number(rest % 58n)] ?? '') + text
  return text
}
