import type { ParsedInput } from '../codec/input-codec.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { LiveDocument } from './live-document.js'

/** Refuses at once what the chain could only reject: an `expect` that this device already knows to be past. @throws SpiceTimeError CONFLICT */
export function checkExpect(input: ParsedInput, document: LiveDocument): void {
  if (input.expect === undefined) return
  const head = document.header.orderedHead
  const met = head === undefined ? input.expect.length === 0 : input.expect.length === 1 && input.expect[0] === head
  if (met) return
  throw new SpiceTimeError(
    'CONFLICT',
    `'${input.document}' has changed since: another event is its head now. Read the state again and decide anew.`,
    {
      path: input.document,
      ...(head === undefined ? {} : { winner: head }),
    },
  )
}
