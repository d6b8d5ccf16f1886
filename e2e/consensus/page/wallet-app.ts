import { connect, offerSolanaWallet } from 'spicetime'
import type { NetworkReport, RuntimeClient } from 'spicetime'
import { TestWallet } from './test-wallet.js'

let runtime: RuntimeClient | undefined
let withdrawn: string | undefined
const wallet = new TestWallet()

function connected(): RuntimeClient {
  if (runtime === undefined) throw new Error('Call start() first.')
  return runtime
}

/** An application whose consensus events its person's wallet pays for, by the public API alone. */
const app = {
  wallet,
  withdrawn: (): string | undefined => withdrawn,

  async start(cluster: string, websocket: string): Promise<string> {
    await wallet.register()
    runtime = await connect({ networks: { solana: { cluster, websocket, payer: 'wallet' } } })
    const [known] = await runtime.spaces()
    return (known ?? (await runtime.createSpace({ name: 'Paid', id: 'paid', policies: { tasks: 'consensus' } }))).id
  },

  /** The account that pays from now on. */
  async offer(): Promise<string> {
    withdrawn = undefined
    const { address } = await offerSolanaWallet(connected(), { onWithdrawn: ({ code }) => (withdrawn = code) })
    return address
  },

  submit: (path: string, value: number): Promise<string> => connected().submitEvent({ path, op: 'put', value }),
  reached: (id: string): Promise<void> => connected().reached(id, 'final'),

  async level(id: string): Promise<string> {
    return (await connected().events()).find((event) => event.id === id)?.level ?? 'unknown'
  },

  async solana(): Promise<NetworkReport | undefined> {
    return (await connected().networks()).find(({ network }) => network === 'solana')
  },
}

export type WalletApp = typeof app

declare global {
  var walletApp: WalletApp
}

globalThis.walletApp = app
