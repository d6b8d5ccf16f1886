import type { Delivery, DeliveryPhase } from '../model/decision.js'
import type { Level } from '../model/network.js'

/** What can happen to a delivery. Times are milliseconds since 1970; reasons are for a person. */
export type Happening =
  /** It is handed to the network. */
  | { readonly kind: 'sent' }
  /** The network has it: an answer to us, or found in a pull. */
  | { readonly kind: 'answered'; readonly level: Level }
  /** This try failed; another may not. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAt: number }
  /** It was not tried at all. */
  | { readonly kind: 'postponed'; readonly reason: string; readonly retryAt?: number }
  /** The network will never take it. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Its deadline passed. */
  | { readonly kind: 'expired'; readonly reason: string }
  /** The network had it, and took it back. */
  | { readonly kind: 'retracted'; readonly reason: string }

/** Phases in which a delivery still wants to get to its network. */
export function isOpen(phase: DeliveryPhase): boolean {
  return phase === 'queued' || phase === 'sending'
}

/**
 * The delivery after what happened; the same object when nothing changes. Pure. What a network has, it has: an answer counts in every phase, and
 * nothing but a retraction takes it back. So it does not matter how often a restart makes things happen again.
 */
export function step(delivery: Delivery, happening: Happening): Delivery {
  const { phase, attempts } = delivery
  switch (happening.kind) {
    case 'sent':
      return phase === 'queued' ? { ...bare(delivery), phase: 'sending', attempts: attempts + 1 } : delivery
    case 'answered':
      return phase === 'delivered' && delivery.level === happening.level
        ? delivery
        : { ...bare(delivery), phase: 'delivered', level: happening.level }
    case 'failed':
      return phase === 'sending'
        ? { ...bare(delivery), phase: 'queued', reason: happening.reason, nextAttemptAt: happening.retryAt }
        : delivery
    case 'postponed':
      return isOpen(phase) ? postponed(delivery, happening) : delivery
    case 'refused':
    case 'expired':
      return isOpen(phase) ? { ...bare(delivery), phase: happening.kind, reason: happening.reason } : delivery
    case 'retracted':
      return phase === 'delivered' ? { ...bare(delivery), phase: 'queued', attempts: 0, reason: happening.reason } : delivery
  }
}

/** A try that did not take place does not count. */
function postponed(delivery: Delivery, { reason, retryAt }: { readonly reason: string; readonly retryAt?: number }): Delivery {
  const attempts = delivery.phase === 'sending' ? delivery.attempts - 1 : delivery.attempts
  return { ...bare(delivery), phase: 'queued', attempts, reason, ...(retryAt === undefined ? {} : { nextAttemptAt: retryAt }) }
}

function bare({ requirement, network, phase, attempts, queuedAt }: Delivery): Delivery {
  return { requirement, network, phase, attempts, queuedAt }
}
