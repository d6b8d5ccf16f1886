import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { fromBase58, toBase58 } from './base58.js'
import { COMPUTE_BUDGET, SYSTEM_PROGRAM } from './compute-budget.js'

/** The DER head of an Ed25519 private key (RFC 8410); its 32 bytes follow. */
const PRIVATE_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Whether the signature of the message is that of the address. */
export function isSigned(message: Uint8Array, signature: Uint8Array, address: string): boolean {
  const x = Buffer.from(fromBase58(address) ?? []).toString('base64url')
  try {
    return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature)
  } catch {
    // An address that is no point of the curve has signed nothing.
    return false
  }
}

export function hashOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return toBase58(hash.digest())
}

/** The chain's source of lamports: an account with a key, whose transfers are transactions like any other, as on the real validator. */
export class Faucet {
  readonly address: string
  readonly #key: ReturnType<typeof createPrivateKey>

  constructor(seed: Uint8Array) {
    this.#key = createPrivateKey({ key: Buffer.concat([PRIVATE_HEAD, seed]), format: 'der', type: 'pkcs8' })
    const { x = '' } = createPublicKey(this.#key).export({ format: 'jwk' })
    this.address = toBase58(Buffer.from(x, 'base64url'))
  }

  /** A signed transfer. `variant` tells equal ones of the same blockhash apart: they would be one transaction. */
  transfer(to: string, lamports: bigint, { blockhash, variant }: { readonly blockhash: string; readonly variant: number }): Uint8Array {
    const amount = Buffer.alloc(12)
    amount.writeUInt32LE(2)
    amount.writeBigUInt64LE(lamports, 4)
    const pay = Buffer.from([2, 2, 0, 1, amount.length, ...amount])
    const units = Buffer.alloc(5, 2)
    units.writeUInt32LE(10_000 + variant, 1)
    const limit = Buffer.from([3, 0, units.length, ...units])
    const programs = variant === 0 ? [SYSTEM_PROGRAM] : [SYSTEM_PROGRAM, COMPUTE_BUDGET]
    const message = Buffer.concat([
      Buffer.from([1, 0, programs.length, 2 + programs.length]),
      ...[this.address, to, ...programs, blockhash].map((key) => fromBase58(key) ?? new Uint8Array(32)),
      ...(variant === 0 ? [Buffer.from([1]), pay] : [Buffer.from([2]), limit, pay]),
    ])
    return Buffer.concat([Buffer.from([1]), sign(null, message, this.#key), message])
  }
}
