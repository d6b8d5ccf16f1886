import type { IncomingMessage, ServerResponse } from 'node:http'
import { isRecord } from './rpc/params.js'
import { NO_FAULTS } from './switches.js'
import type { Switches } from './switches.js'

/** The path of the control endpoint, below the devnet's URL. */
export const CONTROL_PATH = '/devnet'

/** What can be done to the devnet from another process. */
export interface Controlled {
  state(): object
  step(slots: number): Promise<void>
  set(switches: Partial<Switches>): void
  rollBack(slots: number, fate: 'vanish' | 'again'): void
  exchange(): void
}

/** Serves the control endpoint: to this machine's programs and pages alone. */
export async function serveControl(request: IncomingMessage, response: ServerResponse, devnet: Controlled): Promise<void> {
  if (!isLocal(request)) return answer(response, 403, { error: 'Only pages and programs of this machine may control the devnet.' })
  if (request.method === 'GET') return answer(response, 200, devnet.state())
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const problem = await act(body, devnet)
  answer(response, problem === undefined ? 200 : 400, problem === undefined ? devnet.state() : { error: problem })
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

/** A stranger's page in this machine's browser must not reach it, neither directly nor under a name of its own that leads here. */
function isLocal({ headers }: IncomingMessage): boolean {
  const hosts = [`http://${headers.host ?? ''}`, ...(headers.origin === undefined ? [] : [headers.origin])]
  return hosts.every((host) => URL.canParse(host) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(host).hostname))
}

/** Returns what is wrong with the request. */
async function act(body: string, devnet: Controlled): Promise<string | undefined> {
  const wanted = parse(body)
  if (!isRecord(wanted)) return 'Send a JSON object.'
  const slots = wanted['slots'] ?? 1
  if (typeof slots !== 'number' || !Number.isSafeInteger(slots) || slots < 1) return '`slots` is a whole number from 1.'
  switch (wanted['do']) {
    case 'step':
      await devnet.step(slots)
      return undefined
    case 'rollBack':
      devnet.rollBack(slots, wanted['fate'] === 'again' ? 'again' : 'vanish')
      return undefined
    case 'exchange':
      devnet.exchange()
      return undefined
    case 'set': {
      const switches = readSwitches(wanted['switches'])
      if (typeof switches === 'string') return switches
      devnet.set(switches)
      return undefined
    }
    default:
      return '`do` is one of step, set, rollBack, exchange.'
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Told to the caller as no object.
    return undefined
  }
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0
const isRequests = (value: unknown): value is number | 'all' => value === 'all' || isCount(value)
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean'

/** What each switch may be set to. */
const CHECKS: Readonly<Record<keyof Switches, (value: unknown) => boolean>> = {
  delayMilliseconds: isCount,
  drop: (value) => isRecord(value) && isRequests(value['requests']) && (value['loss'] === 'request' || value['loss'] === 'answer'),
  rateLimit: (value) => isRecord(value) && isRequests(value['requests']) && isCount(value['retryAfterSeconds']),
  methods: (value) => Array.isArray(value) && value.every((method) => typeof method === 'string'),
  down: isFlag,
  behindSlots: (value) => value === null || isCount(value),
  loseTransactions: isFlag,
  stallConfirmation: isFlag,
  stallFinality: isFlag,
  websocket: (value) => value === 'normal' || value === 'silent' || value === 'refused',
}

/** The switches, or what is wrong with them. JSON has no `undefined`: `behindSlots` is switched off with null. */
function readSwitches(value: unknown): Partial<Switches> | string {
  if (!isRecord(value)) return '`switches` is an object.'
  const unknown = Object.keys(value).find((name) => !(name in CHECKS))
  if (unknown !== undefined) return `There is no switch \`${unknown}\`: there are ${Object.keys(CHECKS).join(', ')}.`
  const read: Record<string, unknown> = {}
  for (const [name, check] of Object.entries(CHECKS)) {
    if (!(name in value)) continue
    if (!check(value[name]))
      return `\`${name}\` can't be ${JSON.stringify(value[name])}. It is like ${JSON.stringify(Object.entries(NO_FAULTS).find(([key]) => key === name)?.[1] ?? 3)}.`
    read[name] = value[name] ?? undefined
  }
  return read
}
