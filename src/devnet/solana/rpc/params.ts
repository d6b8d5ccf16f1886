import { fromBase58 } from '../chain/base58.js'
import type { Commitment } from '../chain/block.js'
import { invalidParams } from './rpc-error.js'

type Json = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The parameters of one call, read with the real validator's refusals. Each reader throws RpcError -32602. */
export class Params {
  readonly #values: readonly unknown[]

  constructor(values: readonly unknown[]) {
    this.#values = values
  }

  /** @throws RpcError when there are fewer */
  atLeast(count: number): this {
    if (this.#values.length < count) throw invalidParams(`\`params\` should have at least ${count} argument(s)`)
    return this
  }

  text(index: number): string {
    const value = this.atLeast(index + 1).#values[index]
    if (typeof value !== 'string') throw wrongType('a string', value)
    return value
  }

  integer(index: number): number {
    return wholeNumber(this.atLeast(index + 1).#values[index])
  }

  optionalInteger(index: number): number | undefined {
    const value = this.#values[index]
    return value === undefined || value === null || isRecord(value) ? undefined : wholeNumber(value)
  }

  texts(index: number): readonly string[] {
    const value = this.atLeast(index + 1).#values[index]
    if (!Array.isArray(value)) throw wrongType('a sequence', value)
    return value.map((text: unknown) => {
      if (typeof text !== 'string') throw wrongType('a string', text)
      return text
    })
  }

  optionalTexts(index: number): readonly string[] {
    return this.#values[index] === undefined || this.#values[index] === null ? [] : this.texts(index)
  }

  address(index: number): string {
    return checkAddress(this.text(index))
  }

  raw(index: number): unknown {
    return this.#values[index]
  }

  config(index: number): Config {
    const value = this.#values[index]
    if (value === undefined || value === null) return new Config({})
    if (!isRecord(value)) throw wrongType('a configuration', value)
    return new Config(value)
  }
}

/** The configuration object that most calls take last. */
export class Config {
  readonly #values: Json

  constructor(values: Json) {
    this.#values = values
  }

  commitment(key = 'commitment', fallback: Commitment = 'finalized'): Commitment {
    const value = this.#values[key]
    if (value === undefined || value === null) return fallback
    if (value === 'processed' || value === 'confirmed' || value === 'finalized') return value
    throw invalidParams(
      `Invalid params: unknown variant \`${String(value)}\`, expected one of \`processed\`, \`confirmed\`, \`finalized\`.`,
    )
  }

  /** For the calls that read the ledger. */
  settledCommitment(): 'confirmed' | 'finalized' {
    const commitment = this.commitment()
    if (commitment === 'processed') throw invalidParams('Method does not support commitment below `confirmed`')
    return commitment
  }

  text(key: string): string | undefined {
    const value = this.#values[key]
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'string') throw wrongType('a string', value)
    return value
  }

  integer(key: string): number | undefined {
    const value = this.#values[key]
    return value === undefined || value === null ? undefined : wholeNumber(value)
  }

  flag(key: string): boolean | undefined {
    const value = this.#values[key]
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'boolean') throw wrongType('a boolean', value)
    return value
  }

  raw(key: string): unknown {
    return this.#values[key]
  }
}

function wholeNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw wrongType('u64', value)
}

function wrongType(expected: string, value: unknown): Error {
  const given = JSON.stringify(value) ?? 'nothing'
  return invalidParams(`Invalid params: invalid type: ${given.slice(0, 40)}, expected ${expected}.`)
}

/** @throws RpcError where the text is no address */
export function checkAddress(text: string): string {
  return checkSize(text, 32)
}

/** @throws RpcError where the text is no signature */
export function checkSignature(text: string): string {
  return checkSize(text, 64)
}

function checkSize(text: string, size: number): string {
  const bytes = text.length > 90 ? new Uint8Array() : fromBase58(text)
  if (bytes === undefined) throw invalidParams('Invalid param: Invalid')
  if (bytes.length !== size) throw invalidParams('Invalid param: WrongSize')
  return text
}
