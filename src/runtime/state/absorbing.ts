import type { AuthorId, Event } from '../model/event.js'
import type { Requirement } from '../model/network.js'
import { documentOf } from '../model/path.js'
import type { DocumentPath } from '../model/path.js'
import type { MergePolicy } from '../model/state.js'
import type { DocumentCache } from './document-cache.js'
import { toFoldEntry } from './history.js'
import type { LiveDocument } from './live-document.js'
import { policyOfNeeds } from './merge-policy.js'
import type { ClientIds } from './merge/client-id.js'
import { compareWriters, tryApply } from './merge/last-writer.js'
import { TeamDocument } from './merge/team.js'

export interface AbsorbParts {
  readonly cache: DocumentCache
  readonly clients: ClientIds
  readonly me: AuthorId
  readonly declaredPolicy: (document: DocumentPath) => MergePolicy | undefined
}

const RANK: Readonly<Record<MergePolicy, number>> = { 'last-writer': 0, team: 1, consensus: 2 }

/** Takes another's event into its document in memory. @throws SpiceTimeError when it must be refused */
export async function absorb(event: Event, parts: AbsorbParts): Promise<void> {
  const { cache, declaredPolicy } = parts
  const path = documentOf(event.path)
  if (path === undefined) return
  const document = await cache.open(path)
  const policy = mergedPolicy(document.policy, event.needs, declaredPolicy(path))
  cache.touch(path)
  if (policy !== document.policy) document.mustFold ||= document.header.lastPosition > 0
  const { update } = event.body
  if (policy === 'team' && update !== undefined) {
    await integrate({ event, update, document }, parts)
  } else if (policy === 'last-writer' && event.op !== 'undo' && compareWriters(event, document.header.lastWriter) > 0) {
    const outcome = tryApply(document.value, toFoldEntry(event, undefined))
    if ('value' in outcome) document.value = outcome.value
  } else document.mustFold = true
  // Nothing lies behind its first events.
  if (policy === 'consensus' && document.fresh) document.entries ??= []
  document.policy = policy
  cache.touch(document.path)
}

interface Integration {
  readonly event: Event
  readonly update: Uint8Array
  readonly document: LiveDocument
}

async function integrate({ event, update, document }: Integration, { cache, clients, me }: AbsorbParts): Promise<void> {
  const own = await clients.of({ author: me, space: event.space })
  const author = await clients.of({ author: event.author, space: event.space })
  // Nobody has heard of it: the store need not be asked.
  if (document.fresh && document.header.updatedAt === 0 && document.header.heads.length === 0) document.team = new TeamDocument(own)
  const team = await cache.openTeam(document, own)
  try {
    team.integrate(update, author)
  } catch (error) {
    // Half of a refused update may be in it: it is built again from what is written and what this transaction has added.
    document.team = undefined
    team.destroy()
    if (document.unwritten.length > 0) await cache.openTeam(document, own)
    throw error
  }
  document.unwritten.push(update)
}

/**
 * A document's policy is what its space declares for the collection, else the highest that any of its events asks for (consensus, team, last
 * writer): a function of the set of events, so that devices agree in whatever order these come. docs/decisions/0003.
 */
function mergedPolicy(known: MergePolicy | undefined, needs: readonly Requirement[], declared: MergePolicy | undefined): MergePolicy {
  if (declared !== undefined) return declared
  const asked = policyOfNeeds(needs)
  return known === undefined || RANK[asked] > RANK[known] ? asked : known
}
