import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import { isMap, PinRequests } from './pin-requests.js'
import type { PinServiceParts } from './pin-requests.js'
import type { PinRequest, PinService, PinState } from './pin-service.js'

type Signal = { readonly signal?: AbortSignal | undefined }
type Status = Exclude<PinState, 'absent'>

interface PinRecord {
  readonly requestId: string
  readonly status: Status
  readonly created: string
  readonly cid: string
  readonly name: string
}

/** The best of several requests for one CID is how it stands. */
const BEST: readonly Status[] = ['pinned', 'pinning', 'queued', 'failed']
const ALL = BEST.join(',')
const PAGE = 100
/** CIDs in one question: the spec's own limit. */
const CIDS = 10
const MOST_ORIGINS = 20
const MOST_PAGES = 1_000

/** A service that speaks the Pinning Service API, version 1: https://ipfs.github.io/pinning-services-api-spec/. It takes no blocks: it fetches them. */
export class PinningService implements PinService {
  readonly name: string
  readonly #requests: PinRequests

  constructor(parts: PinServiceParts) {
    this.#requests = new PinRequests(parts)
    this.name = this.#requests.name
  }

  async pin({ cid, name, origins }: PinRequest, { signal }: Signal = {}): Promise<void> {
    let failed: string | undefined
    for await (const record of this.#records({ cid, name, status: ALL }, signal)) {
      if (record.status !== 'failed') return
      failed ??= record.requestId
    }
    const body = JSON.stringify({ cid, name, origins: origins.slice(0, MOST_ORIGINS) })
    // One that failed is replaced, so that they don't pile up.
    const path = failed === undefined ? 'pins' : `pins/${encodeURIComponent(failed)}`
    this.#parseRecord(await this.#requests.json({ path, body, signal }))
  }

  async states(cids: readonly string[], { signal }: Signal = {}): Promise<ReadonlyMap<string, PinState>> {
    const states = new Map<string, PinState>(cids.map((cid) => [cid, 'absent']))
    for (let at = 0; at < cids.length; at += CIDS)
      for await (const { cid, status } of this.#records({ cid: cids.slice(at, at + CIDS).join(','), status: ALL }, signal)) {
        const present = states.get(cid)
        if (present === 'absent' || (present !== undefined && BEST.indexOf(status) < BEST.indexOf(present))) states.set(cid, status)
      }
    return states
  }

  async *named(name: string, { signal }: Signal = {}): AsyncGenerator<string> {
    const seen = new Set<string>()
    for await (const record of this.#records({ name, status: 'pinned' }, signal)) {
      if (record.name !== name || seen.has(record.cid)) continue
      seen.add(record.cid)
      yield record.cid
    }
  }

  async unpin(cid: string, { signal }: Signal = {}): Promise<void> {
    const found: string[] = []
    for await (const record of this.#records({ cid, status: ALL }, signal)) if (record.cid === cid) found.push(record.requestId)
    for (const requestId of found)
      try {
        await this.#requests.json({ method: 'DELETE', path: `pins/${encodeURIComponent(requestId)}`, signal })
      } catch (error) {
        // Somebody else was faster.
        if (!isSpiceTimeError(error, 'NETWORK_REFUSED') || error.context['status'] !== 404) throw error
      }
  }

  /** Newest first, page by page. */
  async *#records(filter: Readonly<Record<string, string>>, signal: AbortSignal | undefined): AsyncGenerator<PinRecord> {
    const seen = new Set<string>()
    let before: string | undefined
    for (let page = 0; page < MOST_PAGES; page++) {
      const query = new URLSearchParams({ ...filter, limit: `${PAGE}`, ...(before === undefined ? {} : { before }) })
      const { count, results } = this.#parseResults(await this.#requests.json({ method: 'GET', path: `pins?${query.toString()}`, signal }))
      const fresh = results.filter(({ requestId }) => !seen.has(requestId))
      for (const record of fresh) {
        seen.add(record.requestId)
        yield record
      }
      if (results.length >= count) return
      before = results.at(-1)?.created
      // A service that gives the same page for ever.
      if (fresh.length === 0) break
    }
    throw this.#requests.unreadable()
  }

  #parseResults(answer: unknown): { readonly count: number; readonly results: readonly PinRecord[] } {
    if (!isMap(answer) || typeof answer['count'] !== 'number' || !Array.isArray(answer['results'])) throw this.#requests.unreadable()
    const results: readonly unknown[] = answer['results']
    return { count: answer['count'], results: results.map((result) => this.#parseRecord(result)) }
  }

  #parseRecord(foreign: unknown): PinRecord {
    const { requestid: requestId, status, created, pin } = isMap(foreign) ? foreign : {}
    const { cid, name } = isMap(pin) ? pin : {}
    const known = BEST.find((one) => one === status)
    if (typeof requestId !== 'string' || requestId === '' || known === undefined || typeof created !== 'string' || typeof cid !== 'string')
      throw this.#requests.unreadable()
    return { requestId, status: known, created, cid, name: typeof name === 'string' ? name : '' }
  }
}
