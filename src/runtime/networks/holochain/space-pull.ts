import { toBase32 } from '../../codec/base32.js'
import { computeEventId } from '../../codec/event-id.js'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventId } from '../../model/event.js'
import type { Level } from '../../model/network.js'
import type { Receipt } from '../../model/receipt.js'
import type { Platform } from '../../platform/platform.js'
import type { Update } from '../provider.js'
import type { AgentsEvents } from './held-marks.js'
import { levelOf } from './levels.js'
import type { HeldBatch, SentEvents } from './sent-events.js'
import { PullWindow } from './pull-window.js'
import type { ParsedSettings } from './settings.js'
import { encodeSignal } from './signals.js'
import type { SpaceCell } from './space-cell.js'
import type { SpaceRefusals } from './space-refusals.js'
import type { ToldMarks } from './told-marks.js'
import type { Mark, Pulled, PulledBatch } from './zome-calls.js'

export interface SpacePullParts {
  readonly platform: Platform
  readonly settings: ParsedSettings
  readonly sent: SentEvents
  readonly told: ToldMarks
  readonly cell: SpaceCell
  readonly refusals: SpaceRefusals
}

/** What a pull of one space brought, and how far it got. */
export type SpaceNews = Pick<Update, 'events' | 'receipts' | 'refused'> & {
  readonly marks: readonly Mark[]
  readonly brought: readonly AgentsEvents[]
}

/** Of events, in one answer of the conductor, and so in one update. */
const PULL_BYTES = 256 * 1024
/** Other nodes are asked too in the first pull of a connection, and in each so many after it: this node may not hold everything. */
const ASK_OTHERS = 16
/** Batches whose holders are asked after in one pull. */
const MOST_ASKED = 64

/** What came since the marks, a page at a time; then how far this device's own batches got, and what was refused of others. */
export async function* pullSpace(since: readonly Mark[], parts: SpacePullParts): AsyncIterableIterator<SpaceNews> {
  const { cell } = parts
  const window = new PullWindow()
  let marks = since
  for (let more = true; more;) {
    const pulled = await pullFrom(cell, window.asked(marks))
    cell.pulls += 1
    more = pulled.more && pulled.batches.length > 0
    const taken = window.take(pulled)
    marks = taken.marks
    cell.members = marks.length
    if (taken.batches.length > 0) yield { ...(await newsOf(taken.batches, parts)), marks }
  }
  const receipts = await newHolders(parts)
  if (receipts.length > 0) yield { events: [], receipts, marks, brought: [] }
  const refused = await parts.refusals.news(cell)
  if (refused.length > 0) yield { events: [], receipts: [], refused, marks, brought: [] }
}

/** A conductor that has just started, or is alone, can't ask others yet: it has its own store all the same. */
async function pullFrom({ calls, pulls }: Pick<SpaceCell, 'calls' | 'pulls'>, since: readonly Mark[]): Promise<Pulled> {
  const local = { since, maxBytes: PULL_BYTES, network: false }
  if (pulls % ASK_OTHERS !== 0) return await calls.pull(local)
  try {
    return await calls.pull({ ...local, network: true })
  } catch (error) {
    if (!isSpiceTimeError(error, 'NETWORK_UNAVAILABLE')) throw error
    return await calls.pull(local)
  }
}

/** What another node published is held by it and by this one; of its own batches this device has asked itself. */
async function newsOf(
  batches: readonly PulledBatch[],
  { platform, cell, sent }: SpacePullParts,
): Promise<Pick<SpaceNews, 'events' | 'receipts' | 'brought'>> {
  const at = platform.now()
  const own = toBase32(cell.agent)
  const events: Uint8Array[] = []
  const receipts: Receipt[] = []
  const brought: AgentsEvents[] = []
  for (const { agent, action, batch } of batches) {
    const isOwn = toBase32(agent) === own
    const ids: EventId[] = []
    brought.push({ agent, events: ids })
    for (const bytes of batch.events) {
      const event = await computeEventId(new Uint8Array(bytes))
      const level: Level = isOwn ? ((await sent.sent(event))?.level ?? 'sent') : 'shared'
      events.push(bytes)
      ids.push(event)
      receipts.push({ event, network: 'holochain', level, reference: toBase32(action), cost: 0, at, latency: 0 })
    }
  }
  return { events, receipts, brought }
}

/** Own batches that more nodes hold than before. */
async function newHolders(parts: SpacePullParts): Promise<readonly Receipt[]> {
  const { platform, settings, cell, sent, told } = parts
  const held = await sent.held()
  if (held.length === 0) return []
  const [receipts, taken] = [await receiptsOf(held, cell), await told.holders()]
  const found: Receipt[] = []
  let open = false
  for (const batch of held) {
    const reference = toBase32(batch.action)
    const holders = new Set([...(receipts.get(reference) ?? []), ...taken(batch.number)].map(toBase32)).size
    // What was asked after in another turn is not known in this one: nobody lets go of a batch.
    open ||= Math.max(holders, batch.holders) < settings.finalBy
    if (holders <= batch.holders) continue
    const level = levelOf(holders, settings)
    await sent.moved({ ...batch, holders }, level)
    const at = platform.now()
    found.push(...batch.ids.map((event): Receipt => ({ event, network: 'holochain', level, reference, cost: 0, at, latency: 0 })))
  }
  // A hint: who is away says it when he pulls.
  if (open) cell.calls.sendSignal(encodeSignal({ kind: 'asks' })).catch(() => undefined)
  return found
}

/** By action: nodes whose receipts the conductor has. */
async function receiptsOf(held: readonly HeldBatch[], cell: SpaceCell): Promise<ReadonlyMap<string, readonly Uint8Array[]>> {
  // The newest are asked after each time, the older ones in turn.
  const turn = cell.pulls % Math.max(1, Math.ceil(held.length / MOST_ASKED))
  const asked = held.slice(turn * MOST_ASKED, (turn + 1) * MOST_ASKED)
  const answers = await cell.calls.receipts(asked.map(({ action }) => action))
  return new Map(answers.map(({ action, holders }) => [toBase32(action), holders]))
}
