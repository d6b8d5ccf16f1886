/** A failure as JSON-RPC answers it. The codes are the real validator's. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }

  toJSON(): object {
    return { code: this.code, message: this.message, ...(this.data === undefined ? {} : { data: this.data }) }
  }
}

export const invalidParams = (message: string): RpcError => new RpcError(-32602, message)
export const methodNotFound = (): RpcError => new RpcError(-32601, 'Method not found')
export const preflightFailure = (message: string, data: object): RpcError => new RpcError(-32002, message, data)
export const blockNotAvailable = (slot: number): RpcError => new RpcError(-32004, `Block not available for slot ${slot}`)
export const slotSkipped = (slot: number): RpcError =>
  new RpcError(-32007, `Slot ${slot} was skipped, or missing due to ledger jump to recent snapshot`)
export const versionUnsupported = (version: number): RpcError =>
  new RpcError(
    -32015,
    `Transaction version (${version}) is not supported by the requesting client. Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
  )
export const contextTooOld = (contextSlot: number): RpcError =>
  new RpcError(-32016, 'Minimum context slot has not been reached', { contextSlot })
export const transactionNotFound = (signature: string): RpcError => new RpcError(-32020, `Transaction ${signature} not found`)
export const nodeBehind = (slots: number): RpcError => new RpcError(-32005, `Node is behind by ${slots} slots`, { numSlotsBehind: slots })
