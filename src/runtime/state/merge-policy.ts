import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Requirement } from '../model/network.js'
import type { DocumentPath } from '../model/path.js'
import type { MergePolicy } from '../model/state.js'

/** The policy that an event's needs ask for, where the space declares none for the collection. */
export function policyOfNeeds(needs: readonly Requirement[]): MergePolicy {
  if (needs.includes('consensus')) return 'consensus'
  return needs.includes('team') ? 'team' : 'last-writer'
}

/** Live documents are Yjs documents, and only those of the team policy are. */
export function notLive(path: DocumentPath): SpiceTimeError {
  return new SpiceTimeError(
    'POLICY_MISMATCH',
    `'${path}' is not merged by a team, so it can't be edited live. Use a document of a space.`,
    { path },
  )
}

/** Refuses an own event that the document's policy would reject on every device. @throws SpiceTimeError POLICY_MISMATCH */
export function checkPolicy(
  path: DocumentPath,
  known: MergePolicy | undefined,
  asked: { readonly needs: readonly Requirement[]; readonly declared: MergePolicy | undefined },
): MergePolicy {
  const { needs, declared } = asked
  const wanted = policyOfNeeds(needs)
  const policy = declared ?? known ?? wanted
  const fits = declared === undefined ? wanted === policy : policy !== 'consensus' || wanted === 'consensus'
  if (fits) return policy
  const merges = policy === 'consensus' ? 'ordered by consensus' : policy === 'team' ? 'merged by its team' : 'decided by its last writer'
  const remedy =
    policy === 'consensus' ? "requires: 'consensus'" : policy === 'team' ? "requires: 'team'" : "requires: 'local' or 'storage'"
  throw new SpiceTimeError(
    'POLICY_MISMATCH',
    `'${path}' is ${merges}, so this event can't take part. Submit it with ${remedy}, or use another document.`,
    { path, policy },
  )
}
