import type { Level, State, Value } from 'spicetime'

/** The collection that says who has a task: one document for each, ordered by consensus, so that one member alone can have it. */
export const CLAIMS = 'claims'

/** Whose a task is. */
export interface Claim {
  readonly author: string
  /** Whether the order is known; until then another's claim may turn out to be first. */
  readonly decided: boolean
}

const DECIDED: readonly Level[] = ['confirmed', 'final']

/** Nobody's where another program wrote something else. */
export function readClaim(state: Pick<State, 'value' | 'level' | 'pending'>): Claim | undefined {
  const author = authorOf(state.value)
  return author === undefined ? undefined : { author, decided: state.pending.length === 0 && DECIDED.includes(state.level) }
}

export function authorOf(value: Value | undefined): string | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || !('by' in value)) return undefined
  return typeof value['by'] === 'string' ? value['by'] : undefined
}

/** What to `put` to have a task. */
export function claimValue(author: string): { readonly by: string } {
  return { by: author }
}
