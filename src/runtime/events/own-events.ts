import type { ParsedInput } from '../codec/input-codec.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { EventId } from '../model/event.js'
import type { Platform } from '../platform/platform.js'
import { turnsOf } from '../platform/turns.js'
import type { StoreChange } from '../storage/store.js'
import type { EventComposer } from './event-applier.js'
import type { EventLog } from './log.js'
import { draft, sign } from './sealing.js'
import type { DraftEvent, SigningDesk } from './sealing.js'
import type { SpaceAccess, SpaceDirectory } from './space-directory.js'
import type { EventTransaction } from './transaction.js'

/** One call of submitEvent or submitEvents: all of its events or none. */
export interface Submission {
  readonly inputs: readonly ParsedInput[]
  /** The caller's name for the call. */
  readonly key?: string
  /** Written in the same transaction. */
  readonly extra?: readonly StoreChange[]
  readonly resolve: (ids: readonly EventId[]) => void
  readonly reject: (error: unknown) => void
}

export interface Workshop extends SigningDesk {
  readonly composer: EventComposer
  readonly log: EventLog
  readonly spaces: SpaceDirectory
  readonly platform: Platform
}

/** Drafts that are composed and being sealed while the first of them is signed. */
const LOOKAHEAD = 16

/** A submission that can't be done; the batch is made again without it. */
export class SubmissionFailed extends Error {
  constructor(
    readonly submission: Submission,
    readonly failure: unknown,
  ) {
    super('a submission of the batch failed')
  }
}

/**
 * Composes, seals and signs the submissions in order into the transaction.
 * @returns the ids by submission
 * @throws SubmissionFailed when one of them can't be done
 */
export async function makeEvents(
  submissions: readonly Submission[],
  shop: Workshop,
  transaction: EventTransaction,
): Promise<Map<Submission, EventId[]>> {
  const made = new Map<Submission, EventId[]>(submissions.map((submission) => [submission, []]))
  const work = submissions.flatMap((submission) => submission.inputs.map((input) => ({ submission, input })))
  // One read for all of their documents; a single event's is read when it is composed.
  if (work.length > 1) await shop.composer.foresee(work.map(({ input }) => input.document))
  const turn = turnsOf(shop.platform)
  const drafts: DraftEvent[] = []
  const composeNext = async (): Promise<void> => {
    const next = work[drafts.length]
    if (next === undefined) return
    try {
      drafts.push(await compose(next.input, shop, transaction))
    } catch (error) {
      throw new SubmissionFailed(next.submission, error)
    }
  }
  for (const [index, { submission, input }] of work.entries()) {
    while (drafts.length <= index) await composeNext()
    const drafted = drafts[index]
    if (drafted === undefined) continue
    const signing = sign(drafted, shop.composer.headsOf(input.document), shop)
    signing.catch(() => undefined)
    // While the signature is made on another thread, the next documents are changed on this one.
    while (drafts.length < Math.min(work.length, index + LOOKAHEAD)) await composeNext()
    const turning = turn()
    if (turning !== undefined) await turning
    try {
      const event = await signing
      shop.composer.sealed(event)
      transaction.append(event, 'own', wishesOf(input))
      made.get(submission)?.push(event.id)
    } catch (error) {
      throw new SubmissionFailed(submission, error)
    }
  }
  return made
}

async function compose(asked: ParsedInput, shop: Workshop, transaction: EventTransaction): Promise<DraftEvent> {
  const access = accessTo(shop.spaces, asked)
  const input = asked.after.length === 0 ? asked : { ...asked, after: await known(asked.after, shop.log, transaction) }
  const composing = shop.composer.compose(input, { author: shop.author.id, space: access.wire })
  const body = composing instanceof Promise ? await composing : composing
  return draft(input, { path: input.path, op: input.op, body }, access)
}

function accessTo(spaces: SpaceDirectory, input: ParsedInput): SpaceAccess {
  const access = spaces.byId(input.space)
  if (access !== undefined) return access
  throw new SpiceTimeError(
    'SPACE_UNKNOWN',
    `This device knows no space '${input.space}'. Create it with createSpace, or join it with an invite; for what stays on this device use 'me/…'.`,
    {
      path: input.path,
      space: input.space,
    },
  )
}

/** The events of these names, or what took their places. */
async function known(ids: readonly EventId[], log: EventLog, transaction: EventTransaction): Promise<readonly EventId[]> {
  return await Promise.all(
    ids.map(async (id) => {
      const found = transaction.positionOf(id) === undefined ? (await log.find(id))?.id : id
      if (found !== undefined) return found
      throw new SpiceTimeError('EVENT_UNKNOWN', `'after' names ${id}, which is not applied on this device.`, { event: id })
    }),
  )
}

function wishesOf({ maxCost, deadline }: ParsedInput): { readonly maxCost?: number; readonly deadline?: number } {
  return { ...(maxCost === undefined ? {} : { maxCost }), ...(deadline === undefined ? {} : { deadline }) }
}
