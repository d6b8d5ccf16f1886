import type { Decision, Delivery } from '../model/decision.js'
import { levelRank } from '../model/network.js'
import type { Level, Requirement } from '../model/network.js'

export interface Prospects {
  readonly needs: readonly Requirement[]
  /** Undefined for the events of others. */
  readonly decision: Decision | undefined
  readonly deliveries: readonly Delivery[]
}

/** Why an event of this device can't get to that level any more, in a sentence; undefined while it can. Pure. */
export function whyUnreachable({ needs, decision, deliveries }: Prospects, level: Level): string | undefined {
  if (levelRank(level) <= levelRank('local')) return undefined
  if (needs.every((need) => need === 'local'))
    return "it needs 'local' only, so it goes to no network. Submit it with requires: 'team', 'storage' or 'consensus'."
  const unserved = decision?.legs.find((leg) => leg.network === undefined)
  if (unserved !== undefined) return unserved.reason
  const ended = deliveries.find(({ phase }) => phase === 'refused' || phase === 'expired')
  if (ended === undefined) return undefined
  return `its delivery to ${ended.network} was ${ended.phase === 'refused' ? 'refused' : 'not made in time'}: ${ended.reason ?? 'no reason was given.'}`
}
