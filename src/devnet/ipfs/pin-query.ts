import { CID } from 'multiformats/cid'
import { isMap } from '../json.js'
import { PIN_STATUSES } from './pin-ledger.js'
import type { PinRecord, PinStatus, WantedPin } from './pin-ledger.js'

/** What is asked for is refused: https://ipfs.github.io/pinning-services-api-spec/#section/Schemas/Failure */
export class PinRefusal extends Error {
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, details: string) {
    super(details)
    this.status = status
    this.reason = reason
  }
}

export interface PinQuery {
  readonly limit: number
  readonly matches: (record: PinRecord) => boolean
}

const MOST_CIDS = 10
const MOST_NAME = 255
const MOST_ORIGINS = 20
const MOST_ADDRESS = 512
const MOST_META = 1_000
const MOST_META_BYTES = 32 * 1024
const DEFAULT_LIMIT = 10
const MOST_LIMIT = 1_000

/** @throws PinRefusal */
export function parsePin(body: unknown): WantedPin {
  if (!isMap(body)) throw bad('The body is no JSON object.')
  const { cid, name, origins = [], meta = {} } = body
  if (typeof cid !== 'string') throw bad("The pin has no 'cid'.")
  if (name !== undefined && name !== null && (typeof name !== 'string' || name.length > MOST_NAME))
    throw bad(`'name' is no text of at most ${MOST_NAME} characters.`)
  if (!Array.isArray(origins) || origins.length > MOST_ORIGINS || !origins.every(isAddress))
    throw bad(`'origins' is no list of at most ${MOST_ORIGINS} multiaddrs.`)
  return { cid: parseCid(cid), origins, meta: parseMeta(meta), ...(typeof name === 'string' ? { name } : {}) }
}

/** @throws PinRefusal */
export function parseQuery(query: URLSearchParams): PinQuery {
  const cids = query.get('cid')?.split(',').map(parseCid)
  if (cids !== undefined && cids.length > MOST_CIDS) throw bad(`At most ${MOST_CIDS} CIDs are asked for at once.`)
  const statuses = (query.get('status') ?? 'pinned').split(',').map(parseStatus)
  const [before, after] = [parseTime(query.get('before')), parseTime(query.get('after'))]
  const isNamed = nameTest(query.get('name'), query.get('match') ?? 'exact')
  const meta = Object.entries(parseMeta(parseMetaQuery(query.get('meta'))))
  return {
    limit: parseLimit(query.get('limit')),
    matches: (record) =>
      (cids === undefined || cids.includes(record.cid)) &&
      statuses.includes(record.status) &&
      (before === undefined || record.created < before) &&
      (after === undefined || record.created > after) &&
      isNamed(record.name ?? '') &&
      meta.every(([key, value]) => record.meta[key] === value),
  }
}

/** In the form in which all records have it. */
function parseCid(text: string): string {
  try {
    return CID.parse(text.trim()).toString()
  } catch {
    throw bad(`'${text.slice(0, 80)}' is no CID.`)
  }
}

function parseStatus(text: string): PinStatus {
  const known = PIN_STATUSES.find((status) => status === text)
  if (known === undefined) throw bad(`'status' is a list of ${PIN_STATUSES.join(', ')}.`)
  return known
}

function parseTime(text: string | null): number | undefined {
  if (text === null) return undefined
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw bad("'before' and 'after' are times by RFC 3339, such as 2026-01-31T10:00:00.000Z.")
  return time
}

function parseLimit(text: string | null): number {
  const limit = text === null ? DEFAULT_LIMIT : Number(text)
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_LIMIT) throw bad(`'limit' is a whole number from 1 to ${MOST_LIMIT}.`)
  return limit
}

function nameTest(name: string | null, match: string): (of: string) => boolean {
  const tests: Readonly<Record<string, (of: string, wanted: string) => boolean>> = {
    exact: (of, wanted) => of === wanted,
    iexact: (of, wanted) => of.toLowerCase() === wanted.toLowerCase(),
    partial: (of, wanted) => of.includes(wanted),
    ipartial: (of, wanted) => of.toLowerCase().includes(wanted.toLowerCase()),
  }
  const test = Object.hasOwn(tests, match) ? tests[match] : undefined
  if (test === undefined) throw bad(`'match' is one of ${Object.keys(tests).join(', ')}.`)
  return name === null ? () => true : (of) => test(of, name)
}

function parseMetaQuery(text: string | null): unknown {
  if (text === null) return {}
  try {
    return JSON.parse(text)
  } catch {
    throw bad("'meta' is no JSON.")
  }
}

function parseMeta(meta: unknown): Readonly<Record<string, string>> {
  const entries = isMap(meta) ? Object.entries(meta) : undefined
  const isText = (entry: readonly [string, unknown]): entry is [string, string] => typeof entry[1] === 'string'
  if (entries === undefined || entries.length > MOST_META || !entries.every(isText))
    throw bad(`'meta' is no map of at most ${MOST_META} texts.`)
  if (JSON.stringify(entries).length > MOST_META_BYTES) throw bad(`'meta' has more than ${MOST_META_BYTES} characters.`)
  return Object.fromEntries(entries)
}

function isAddress(origin: unknown): origin is string {
  return typeof origin === 'string' && origin.startsWith('/') && origin.length <= MOST_ADDRESS
}

function bad(details: string): PinRefusal {
  return new PinRefusal(400, 'BAD_REQUEST', details)
}
