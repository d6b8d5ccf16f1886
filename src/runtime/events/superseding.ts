import type { Diagnostics } from '../diagnostics/diagnostics.js'
import { shortIdOf } from '../codec/event-id.js'
import { EVENT_VERSION } from '../model/event.js'
import type { Event, EventContent, EventId } from '../model/event.js'
import { documentOf, parsePath } from '../model/path.js'
import type { DocumentPath } from '../model/path.js'
import type { ChainBatch } from './author-chain.js'
import type { ReplacedEvent } from './event-applier.js'
import type { Work } from './intake-queue.js'
import type { EventLog } from './log.js'
import { outside, planRuns } from './runs.js'
import type { Planning, Run } from './runs.js'
import { draft, finish } from './sealing.js'
import type { SealingDesk } from './sealing.js'
import type { SpaceDirectory } from './space-directory.js'
import { asReplaced, takePlaces } from './taking-places.js'
import type { Begun, EventTransaction } from './transaction.js'

export interface Superseding extends Planning, SealingDesk {
  readonly author: SealingDesk['author']
  readonly spaces: SpaceDirectory
  readonly diagnostics: Diagnostics
  readonly begin: () => Begun
  /** Everything that the events cause is in the transaction then. */
  readonly finish: (begun: Begun) => Promise<void>
  readonly schedule: (work: Work) => void
}

/** @see EventProcessor.supersede */
export async function supersede(positions: readonly number[], shop: Superseding): Promise<void> {
  for (const run of await planRuns(positions, shop)) {
    await new Promise<void>((resolve, reject) => {
      shop.schedule({ run: () => supersedeRun(run, shop, { resolve, reject }), fail: reject })
    })
  }
}

async function supersedeRun(
  run: Run,
  shop: Superseding,
  call: { readonly resolve: () => void; readonly reject: (error: unknown) => void },
): Promise<EventTransaction | undefined> {
  const begun = shop.begin()
  const { transaction, chains } = begun
  const event = await makeSuperseding(run, { ...shop, chains }, transaction)
  if (event === undefined) {
    call.resolve()
    return undefined
  }
  await shop.finish(begun)
  transaction.onCommitted.push(
    () => shop.diagnostics.emit({ kind: 'events-superseded', event: event.id, count: run.members.length }),
    call.resolve,
  )
  transaction.onFailed.push(call.reject)
  return transaction
}

/** Writes the superseding event into the transaction; undefined when something befell the run since it was planned. */
async function makeSuperseding(
  run: Run,
  shop: Planning & SealingDesk & { readonly spaces: SpaceDirectory; readonly chains: ChainBatch },
  transaction: EventTransaction,
): Promise<Event | undefined> {
  const { log, composer, chains, author, spaces } = shop
  const [first, last] = [run.members[0]?.event, run.members.at(-1)?.event]
  const document = first === undefined ? undefined : documentOf(first.path)
  const access = first === undefined ? undefined : spaces.byId(first.spaceId)
  if (first === undefined || last === undefined || document === undefined || access === undefined) return undefined
  const replaced = await asPlanned(run, log)
  if (replaced === undefined) return undefined
  const content = contentOf(run, first, document)
  const input = { ...content, document, space: first.spaceId, needs: first.needs, after: [], public: first.public }
  const [previous] = first.previous === undefined ? [] : await standing([first.previous], log)
  const header = {
    v: EVENT_VERSION,
    space: access.wire,
    author: author.id,
    seq: last.seq,
    ...(previous === undefined ? {} : { previous }),
    parents: await standing([...outside(run.members)], log),
    // The statement is as old as the last of those that it stands for, and no younger than what was built on these.
    time: last.time,
    needs: first.needs,
    supersedes: run.members.map(({ event }) => shortIdOf(event.id)),
  } as const
  const event = await finish(draft(input, content, access), header, shop)
  await composer.foresee([document])
  composer.sealed(event, replaced)
  takePlaces(event, { origin: 'own', replaced }, transaction)
  const head = await chains.head(first.spaceId, author.id)
  if (head?.id === last.id) chains.advance(first.spaceId, author.id, { seq: event.seq, id: event.id })
  return event
}

/** The run as it leaves the log, if all of it is still there and no network has answered for any of it. */
async function asPlanned({ members }: Run, log: EventLog): Promise<readonly ReplacedEvent[] | undefined> {
  const positions = await log.positionsOf(members.map(({ event }) => event.id))
  if (positions.some((position, index) => position !== members[index]?.position)) return undefined
  const replaced = await Promise.all(members.map(({ event, position }) => asReplaced(event, position, log)))
  return replaced.some(({ receipts }) => receipts.length > 0) ? undefined : replaced
}

/** The path and operation that all of the run share, else those of a change of the document. */
function contentOf({ members, body }: Run, first: Event, document: DocumentPath): EventContent {
  if (members.some(({ event }) => event.path !== first.path)) return { path: parsePath(document), op: 'patch', body }
  return { path: first.path, op: members.every(({ event }) => event.op === first.op) ? first.op : 'patch', body }
}

/** Sorted and single, with what took the places of superseded ones. */
async function standing(names: readonly EventId[], log: EventLog): Promise<readonly EventId[]> {
  const found = await Promise.all(names.map(async (name) => (await log.whereIs(name))?.by ?? name))
  return [...new Set(found)].sort()
}
