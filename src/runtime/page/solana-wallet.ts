import type { Wallet, WalletAccount } from '@wallet-standard/base'
import { asSpiceTimeError, SpiceTimeError } from '../errors/spice-time-error.js'
import type { RuntimeClient } from '../runtime-client.js'

export interface SolanaWalletOptions {
  /** A wallet that the app let the person choose; default: the first of the browser's that can sign for Solana. */
  readonly wallet?: Wallet
  /** Told when the person declines or disconnects: events wait until the wallet is offered again. */
  readonly onWithdrawn?: (why: SpiceTimeError) => void
}

export interface SolanaWalletOffer {
  /** The wallet's name. */
  readonly wallet: string
  /** The account that pays, in base 58. */
  readonly address: string
  withdraw(): void
}

/** https://github.com/anza-xyz/wallet-standard/tree/master/packages/core/features */
const SIGN = 'solana:signTransaction'
/** https://github.com/wallet-standard/wallet-standard/tree/master/packages/core/features */
const CONNECT = 'standard:connect'
const EVENTS = 'standard:events'
const SERVICE = 'solana-wallet'
const SIGNATURE_BYTES = 64
/** A message that begins with this bit has a version before its header. */
const VERSIONED = 0x80

interface SignFeature {
  signTransaction(
    input: Readonly<{ account: WalletAccount; transaction: Uint8Array }>,
  ): Promise<readonly { readonly signedTransaction: Uint8Array }[]>
}
interface ConnectFeature {
  connect(): Promise<{ readonly accounts: readonly WalletAccount[] }>
}
interface EventsFeature {
  on(event: 'change', listener: (change: { readonly accounts?: readonly WalletAccount[] }) => void): () => void
}

/**
 * Lets the wallet of this page pay for the device's consensus events, where the network's settings say `payer: 'wallet'`. It is asked for each
 * transaction as long as the page lives; once it declines, events wait until it is offered again.
 * @throws SpiceTimeError WALLET_MISSING, WALLET_DECLINED
 * @example
 * const runtime = await connect({ networks: { solana: { cluster: 'mainnet', payer: 'wallet' } } })
 * const { address } = await offerSolanaWallet(runtime)
 */
export async function offerSolanaWallet(
  runtime: Pick<RuntimeClient, 'offer'>,
  options: SolanaWalletOptions = {},
): Promise<SolanaWalletOffer> {
  const wallet = options.wallet ?? (await firstWallet())
  const signing = featureOf<SignFeature>(wallet, SIGN, 'signTransaction')
  const connecting = featureOf<ConnectFeature>(wallet, CONNECT, 'connect')
  if (wallet === undefined || signing === undefined || connecting === undefined) throw missing(wallet)
  const offered = new OfferedWallet({ wallet, signing, runtime, onWithdrawn: options.onWithdrawn ?? (() => undefined) })
  const account = await connectTo(wallet, connecting)
  return await offered.offer(account)
}

interface Parts {
  readonly wallet: Wallet
  readonly signing: SignFeature
  readonly runtime: Pick<RuntimeClient, 'offer'>
  readonly onWithdrawn: (why: SpiceTimeError) => void
}

class OfferedWallet {
  readonly #parts: Parts
  #withdraw: () => void = () => undefined
  #forget: () => void = () => undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async offer(account: WalletAccount): Promise<SolanaWalletOffer> {
    const { wallet, runtime } = this.#parts
    const withdraw = await runtime.offer(SERVICE, (request) => this.#answer(account, request))
    this.#withdraw = withdraw
    this.#forget =
      featureOf<EventsFeature>(wallet, EVENTS, 'on')?.on('change', ({ accounts }) => {
        if (accounts !== undefined && !accounts.some(({ address }) => address === account.address))
          this.#end(declined(`${wallet.name} no longer gives the account ${account.address} to this page`))
      }) ?? (() => undefined)
    return {
      wallet: wallet.name,
      address: account.address,
      withdraw: () => {
        this.#forget()
        withdraw()
      },
    }
  }

  async #answer(account: WalletAccount, request: unknown): Promise<unknown> {
    const { kind, message } = parseRequest(request)
    if (kind === 'account') return { publicKey: new Uint8Array(account.publicKey) }
    try {
      return { signature: await this.#sign(account, message) }
    } catch (error) {
      const why = asSpiceTimeError(error).code === 'WALLET_DECLINED' ? asSpiceTimeError(error) : declined(whyOf(error), error)
      this.#end(why)
      throw why
    }
  }

  async #sign(account: WalletAccount, message: Uint8Array): Promise<Uint8Array> {
    const [signed] = await this.#parts.signing.signTransaction({ account, transaction: unsigned(message) })
    const transaction = signed?.signedTransaction ?? new Uint8Array()
    const start = 1 + SIGNATURE_BYTES * signersOf(message)
    const body = transaction.subarray(start)
    if (body.length !== message.length || body.some((byte, index) => byte !== message[index]))
      throw declined(`${this.#parts.wallet.name} changed the transaction, so it no longer carries what was to be sent`)
    return new Uint8Array(transaction.subarray(1, 1 + SIGNATURE_BYTES))
  }

  #end(why: SpiceTimeError): void {
    this.#forget()
    this.#withdraw()
    this.#parts.onWithdrawn(why)
  }
}

async function firstWallet(): Promise<Wallet | undefined> {
  const { getWallets } = await import('@wallet-standard/app')
  return getWallets()
    .get()
    .find((wallet) => SIGN in wallet.features && CONNECT in wallet.features)
}

async function connectTo(wallet: Wallet, feature: ConnectFeature): Promise<WalletAccount> {
  let accounts: readonly WalletAccount[]
  try {
    ;({ accounts } = await feature.connect())
  } catch (error) {
    throw declined(whyOf(error), error)
  }
  const account = accounts.find(({ features }) => features.includes(SIGN))
  if (account === undefined) throw declined(`${wallet.name} gave no account that signs for Solana`)
  return account
}

/** A transaction as wallets take it, its signatures left empty: https://solana.com/docs/core/transactions */
function unsigned(message: Uint8Array): Uint8Array {
  const signers = signersOf(message)
  const transaction = new Uint8Array(1 + SIGNATURE_BYTES * signers + message.length)
  transaction[0] = signers
  transaction.set(message, 1 + SIGNATURE_BYTES * signers)
  return transaction
}

function signersOf(message: Uint8Array): number {
  const [first = 0, second = 0] = message
  return (first & VERSIONED) === 0 ? first : second
}

type WalletRequest = { readonly kind: 'account'; readonly message?: undefined } | { readonly kind: 'sign'; readonly message: Uint8Array }

function parseRequest(request: unknown): WalletRequest {
  if (typeof request === 'object' && request !== null && 'kind' in request) {
    if (request.kind === 'account') return { kind: 'account' }
    if (request.kind === 'sign' && 'message' in request && request.message instanceof Uint8Array)
      return { kind: 'sign', message: request.message }
  }
  throw new SpiceTimeError('PROTOCOL_MISMATCH', 'The runtime asked the wallet what this page does not know. Reload the page.')
}

/** A wallet is the browser's, not ours: what it says that it can do is looked at. */
function featureOf<T>(wallet: Wallet | undefined, name: `${string}:${string}`, method: keyof T & string): T | undefined {
  const feature = wallet?.features[name]
  const has = typeof feature === 'object' && feature !== null && typeof Reflect.get(feature, method) === 'function'
  return has ? (feature as T) : undefined
}

function whyOf(error: unknown): string {
  return `the wallet said: ${error instanceof Error ? error.message : String(error)}`
}

function missing(wallet: Wallet | undefined): SpiceTimeError {
  const what = wallet === undefined ? 'This browser has no wallet for Solana.' : `The wallet ${wallet.name} can not sign for Solana.`
  return new SpiceTimeError(
    'WALLET_MISSING',
    `${what} Install one that follows the Wallet Standard, or let the device pay (payer: 'burner').`,
  )
}

function declined(why: string, cause?: unknown): SpiceTimeError {
  return new SpiceTimeError(
    'WALLET_DECLINED',
    `The wallet does not pay for this device's events now (${why}). They wait on this device until it is offered again.`,
    {},
    cause,
  )
}
