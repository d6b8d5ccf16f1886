import type { ErrorOnWire } from '../runtime/errors/wire.js'

/** Asked of a page that offers a service, or called off. Goes down that page's stream of the service. */
export type PageAsk = { readonly ask: string; readonly request: unknown } | { readonly ask: string; readonly calledOff: true }

/** What the page says of it, by the call `answer`: first that it has it, then how it went. */
export type PageAnswer = { readonly ask: string } & (
  | { readonly taken: true }
  | { readonly value: unknown }
  | { readonly error: ErrorOnWire }
)

/** A page that offers a service, as the runtime sees it. */
export interface AskSink {
  /** Whether it has room for one more. */
  ready(): boolean
  deliver(ask: PageAsk): void
}

export function parsePageAsk(data: unknown): PageAsk | undefined {
  if (!isMap(data) || typeof data['ask'] !== 'string') return undefined
  const { ask } = data
  return data['calledOff'] === true ? { ask, calledOff: true } : { ask, request: data['request'] }
}

export function parsePageAnswer(data: unknown): PageAnswer | undefined {
  if (!isMap(data) || typeof data['ask'] !== 'string') return undefined
  const { ask, error } = data
  if (data['taken'] === true) return { ask, taken: true }
  if (error === undefined) return { ask, value: data['value'] }
  return isMap(error) && typeof error['message'] === 'string' && typeof error['name'] === 'string'
    ? { ask, error: error as unknown as ErrorOnWire }
    : undefined
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
