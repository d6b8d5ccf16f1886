import { ledgerMethods } from './ledger-methods.js'
import { Params, isRecord } from './params.js'
import { RpcError, methodNotFound } from './rpc-error.js'
import type { RpcMethod, RpcNode } from './rpc-node.js'
import { stateMethods } from './state-methods.js'
import { transactionMethods } from './transaction-methods.js'

const METHODS = new Map<string, RpcMethod>([stateMethods, ledgerMethods, transactionMethods].flatMap((methods) => Object.entries(methods)))

/** How a call is answered. */
export type Answerer = (method: string, params: Params) => unknown

/** Answers over HTTP. */
export function answerFrom(node: RpcNode): Answerer {
  return (name, params) => {
    const method = METHODS.get(name)
    if (method === undefined) throw methodNotFound()
    return method(node, params)
  }
}

/**
 * Answers a JSON-RPC text: one call or a batch. Undefined where nothing is to be answered: for notifications, and for an empty batch, as the real one does.
 * Never throws: what a method throws is its answer.
 */
export function dispatch(text: string, answer: Answerer): string | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    // Anyone may send anything.
    return JSON.stringify({ jsonrpc: '2.0', error: new RpcError(-32700, 'Parse error'), id: null })
  }
  if (!Array.isArray(body)) {
    const response = respond(body, answer)
    return response === undefined ? undefined : JSON.stringify(response)
  }
  const responses = body.map((call: unknown) => respond(call, answer)).filter((response) => response !== undefined)
  return responses.length === 0 ? undefined : JSON.stringify(responses)
}

/** The methods that a JSON-RPC text calls; none where it is no JSON-RPC. */
export function methodsOf(text: string): readonly string[] {
  try {
    const body: unknown = JSON.parse(text)
    const calls: readonly unknown[] = Array.isArray(body) ? body : [body]
    return calls.flatMap((call) => (isRecord(call) && typeof call['method'] === 'string' ? [call['method']] : []))
  } catch {
    return []
  }
}

function respond(call: unknown, answer: Answerer): object | undefined {
  if (!isRecord(call)) return { jsonrpc: '2.0', error: new RpcError(-32600, 'Invalid request'), id: null }
  const { id, method, params } = call
  if (call['jsonrpc'] !== '2.0') return { error: new RpcError(-32600, 'Unsupported JSON-RPC protocol version'), id: id ?? null }
  if (typeof method !== 'string') return { jsonrpc: '2.0', error: new RpcError(-32600, 'Invalid request'), id: id ?? null }
  if (!('id' in call)) {
    run(method, params, answer)
    return undefined
  }
  return { jsonrpc: '2.0', ...run(method, params, answer), id }
}

function run(method: string, params: unknown, answer: Answerer): { readonly result: unknown } | { readonly error: RpcError } {
  try {
    if (params !== undefined && params !== null && !Array.isArray(params)) throw new RpcError(-32602, '`params` should be an array')
    const values: readonly unknown[] = Array.isArray(params) ? params : []
    return { result: answer(method, new Params(values)) }
  } catch (error) {
    if (error instanceof RpcError) return { error }
    return { error: new RpcError(-32603, `Internal error: ${error instanceof Error ? error.message : String(error)}`) }
  }
}
