import type { Author } from '../crypto/signing.js'
import { MAX_PARENTS, MAX_SUPERSEDED } from '../model/event.js'
import type { Event, EventBody, EventId } from '../model/event.js'
import { documentOf } from '../model/path.js'
import type { EventComposer } from './event-applier.js'
import type { EventLog } from './log.js'

export interface Member {
  readonly event: Event
  readonly position: number
}

/** Events that follow one another in their author's chain, and the body that holds them all. */
export interface Run {
  readonly members: readonly Member[]
  readonly body: EventBody
}

export interface Planning {
  readonly author: Pick<Author, 'id'>
  readonly log: EventLog
  readonly composer: EventComposer
}

/** Which of the own events at these positions can be superseded by one each. Changes nothing. */
export async function planRuns(positions: readonly number[], parts: Planning): Promise<readonly Run[]> {
  const bySpace = new Map<string, Member[]>()
  const read = await Promise.all(positions.map(async (position) => ({ position, event: await parts.log.readAt(position) })))
  for (const { position, event } of read) {
    if (event === undefined || !canMerge(event, parts.author)) continue
    bySpace.set(event.spaceId, [...(bySpace.get(event.spaceId) ?? []), { event, position }])
  }
  const runs: Run[] = []
  for (const members of bySpace.values())
    for (const run of await split(
      members.toSorted((a, b) => a.event.seq - b.event.seq),
      parts.log,
    ))
      runs.push(...(await unite(run, parts.composer)))
  return runs
}

function canMerge({ author, needs, op, supersedes, body }: Event, me: Pick<Author, 'id'>): boolean {
  const forTeam = needs.length === 1 && needs[0] === 'team'
  return author === me.id && forTeam && op !== 'undo' && op !== 'file' && supersedes === undefined && body.update !== undefined
}

/** What the events of a run build on beside one another. */
export function outside(members: readonly Member[]): ReadonlySet<EventId> {
  const ids = new Set(members.map(({ event }) => event.id))
  return new Set(members.flatMap(({ event }) => event.parents.filter((parent) => !ids.has(parent))))
}

async function split(members: readonly Member[], log: EventLog): Promise<readonly (readonly Member[])[]> {
  const runs: Member[][] = []
  for (const member of members) {
    const run = runs.at(-1)
    if (run !== undefined && (await continues(run, member, log))) run.push(member)
    else runs.push([member])
  }
  return runs.filter((run) => run.length > 1)
}

async function continues(run: readonly Member[], next: Member, log: EventLog): Promise<boolean> {
  const last = run.at(-1)
  if (last === undefined || run.length >= MAX_SUPERSEDED || !follows(next.event, last.event)) return false
  if (next.event.parents.length === 1 && next.event.parents[0] === last.event.id) return true
  if (outside([...run, next]).size > MAX_PARENTS) return false
  return !(await buildsOnPart(next.event, run, log))
}

function follows(event: Event, before: Event): boolean {
  const next = event.seq === before.seq + 1 && event.previous === before.id
  return next && documentOf(event.path) === documentOf(before.path) && event.public === before.public
}

/** Should another have built on a part of the run (it got out after all), the whole can't build on that one's event. */
async function buildsOnPart({ parents: names }: Event, run: readonly Member[], log: EventLog): Promise<boolean> {
  const ids = new Set(run.map(({ event }) => event.id))
  const first = run[0]?.position ?? 0
  const seen = new Set<EventId>()
  const open = names.filter((name) => !ids.has(name))
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const position = seen.has(name) ? undefined : await log.positionOf(name)
    seen.add(name)
    if (position === undefined || position < first) continue
    const parents = (await log.headerAt(position))?.header.parents ?? []
    if (parents.some((parent) => ids.has(parent))) return true
    open.push(...parents)
  }
  return false
}

async function unite(run: readonly Member[], composer: EventComposer): Promise<readonly Run[]> {
  const runs: Run[] = []
  let rest = run
  while (rest.length > 1) {
    const united = await composer.unite(rest.map((member) => member.event))
    if (united !== undefined) runs.push({ members: rest.slice(0, united.count), body: united.body })
    rest = rest.slice(united?.count ?? 1)
  }
  return runs
}
