/** What pages offer: see `payer.ts`. */
export const WALLET_SERVICE = 'solana-wallet'
