import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Delivery } from '../model/decision.js'
import { LEVELS } from '../model/network.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { isOpen, step } from './delivery.js'
import type { Happening } from './delivery.js'
import { retryDelay } from './retry.js'

const fresh: Delivery = { requirement: 'team', network: 'holochain', phase: 'queued', attempts: 0, queuedAt: 1_000 }
const reason = fc.string({ minLength: 1, maxLength: 8 })
const happenings: fc.Arbitrary<Happening> = fc.oneof(
  fc.constant({ kind: 'sent' as const }),
  fc.record({ kind: fc.constant('answered' as const), level: fc.constantFrom(...LEVELS) }),
  fc.record({ kind: fc.constant('failed' as const), reason, retryAt: fc.nat() }),
  fc.record({ kind: fc.constant('postponed' as const), reason }),
  fc.record({ kind: fc.constantFrom('refused' as const, 'expired' as const), reason }),
  fc.record({ kind: fc.constant('retracted' as const), reason }),
)
const histories = fc.array(happenings, { maxLength: 12 })
const after = (history: readonly Happening[], from = fresh): Delivery => history.reduce(step, from)

describe('a delivery', () => {
  it('is delivered after an answer, whatever happened before, and only a retraction takes that back', () => {
    fc.assert(
      fc.property(histories, histories, fc.constantFrom(...LEVELS), (before, later, level) => {
        const answered = step(after(before), { kind: 'answered', level })
        expect(answered).toMatchObject({ phase: 'delivered', level })
        const end = after(
          later.filter((happening) => happening.kind !== 'retracted'),
          answered,
        )
        expect(end.phase).toBe('delivered')
      }),
    )
  })

  it('takes the same answer twice as once', () => {
    fc.assert(
      fc.property(histories, fc.constantFrom(...LEVELS), (before, level) => {
        const once = step(after(before), { kind: 'answered', level })
        expect(step(once, { kind: 'answered', level })).toBe(once)
      }),
    )
  })

  it('goes nowhere from refused or expired but to delivered', () => {
    fc.assert(
      fc.property(histories, histories, fc.constantFrom('refused' as const, 'expired' as const), (before, later, kind) => {
        const reached = after(before)
        fc.pre(isOpen(reached.phase))
        const ended = step(reached, { kind, reason: 'why' })
        const end = after(
          later.filter((happening) => happening.kind !== 'answered'),
          ended,
        )
        expect(end).toEqual({ ...ended })
        expect(ended).toMatchObject({ phase: kind, reason: 'why' })
      }),
    )
  })

  it('never counts fewer than no tries, keeps what it is about, and has a level only when delivered', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { requirement, network, queuedAt, attempts, phase, level } = after(history)
        expect({ requirement, network, queuedAt }).toEqual({ requirement: 'team', network: 'holochain', queuedAt: 1_000 })
        expect(attempts).toBeGreaterThanOrEqual(0)
        expect(level === undefined).toBe(phase !== 'delivered')
      }),
    )
  })

  it('does not count a try that did not take place', () => {
    const tried = after([{ kind: 'sent' }, { kind: 'failed', reason: 'lost', retryAt: 5 }])
    expect(tried).toMatchObject({ phase: 'queued', attempts: 1, nextAttemptAt: 5, reason: 'lost' })
    expect(after([{ kind: 'sent' }, { kind: 'postponed', reason: 'away' }], tried)).toMatchObject({
      phase: 'queued',
      attempts: 1,
      reason: 'away',
    })
  })
})

describe('the delay before the next try', () => {
  it('at least halves and at most keeps a doubling that ends at five minutes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer(), (attempts, seed) => {
        const delay = retryDelay(attempts, new ManualPlatform({ seed }))
        const whole = Math.min(300_000, 1_000 * 2 ** (attempts - 1))
        expect(delay).toBeGreaterThanOrEqual(whole / 2)
        expect(delay).toBeLessThanOrEqual(whole)
      }),
    )
  })
})
