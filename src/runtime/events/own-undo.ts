import type { ParsedInput } from '../codec/input-codec.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Event } from '../model/event.js'
import { documentOf } from '../model/path.js'
import type { Workshop } from './own-events.js'
import { draft, sign } from './sealing.js'
import type { EventTransaction } from './transaction.js'

/**
 * Composes, seals and signs the inverse of an event into the transaction. It needs what its target needed and names it as a parent.
 * @throws SpiceTimeError SPACE_UNKNOWN
 */
export async function makeUndo(
  target: Event,
  shop: Workshop,
  transaction: EventTransaction,
): Promise<{ readonly event: Event; readonly input: ParsedInput }> {
  const { author, composer, spaces, log } = shop
  const access = spaces.byId(target.spaceId)
  const document = documentOf(target.path)
  if (access === undefined || document === undefined) {
    throw new SpiceTimeError('SPACE_UNKNOWN', `This device has left the space '${target.spaceId}'.`, { space: target.spaceId })
  }
  const { path, needs, spaceId } = target
  const after = [(await log.find(target.id))?.id ?? target.id]
  const input: ParsedInput = { path, document, space: spaceId, op: 'undo', body: {}, needs, after, public: target.public }
  const body = await composer.composeUndo(target, { author: author.id, space: access.wire })
  const event = await sign(draft(input, { path, op: 'undo', body }, access), composer.headsOf(document), shop)
  composer.sealed(event)
  transaction.append(event, 'own')
  return { event, input }
}
