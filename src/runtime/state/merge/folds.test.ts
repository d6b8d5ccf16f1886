import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EventId } from '../../model/event.js'
import type { ChainOrder } from '../../model/receipt.js'
import type { Value } from '../../model/value.js'
import { foldConsensus } from './consensus.js'
import type { FoldEntry } from './fold-entry.js'
import { foldLastWriter } from './last-writer.js'

const id = (name: string): EventId => name as EventId

function put(name: string, value: Value, rest: Partial<FoldEntry> = {}): FoldEntry {
  return { id: id(name), time: 1, operation: { op: 'put', fields: [], body: { value } }, ordered: true, ...rest }
}

const order = (slot: number): ChainOrder => [slot, 0, 0]

describe('last writer', () => {
  test('is the later time, then the greater id', () => {
    expect(foldLastWriter([put('a', 1, { time: 2 }), put('b', 2, { time: 1 })]).value).toBe(1)
    expect(foldLastWriter([put('b', 2), put('a', 1)]).value).toBe(2)
  })

  test('an undone event is left out, and an undo of an undone one brings nothing back twice', () => {
    const undo = { id: id('u'), time: 3, operation: { op: 'undo' as const, fields: [], body: {} }, target: id('b'), ordered: false }
    expect(foldLastWriter([put('a', 1), put('b', 2, { time: 2 }), undo]).value).toBe(1)
  })

  test('an operation that does not fit is rejected', () => {
    const add: FoldEntry = { ...put('b', 1, { time: 2 }), operation: { op: 'add', fields: [], body: { value: 1 } } }
    const folded = foldLastWriter([put('a', 'text'), add])
    expect(folded.value).toBe('text')
    expect(folded.rejected.get(id('b'))?.code).toBe('VALUE_TYPE_CLASH')
  })
})

describe('consensus', () => {
  test('follows the chain, whatever the clocks say; what is not ordered yet comes last', () => {
    const folded = foldConsensus([
      put('late', 'overlay', { time: 1 }),
      put('a', 'first', { time: 9, order: order(1) }),
      put('b', 'second', { time: 5, order: order(2) }),
    ])
    expect(folded.value).toBe('overlay')
    expect(folded.orderedValue).toBe('second')
    expect(folded.pending).toEqual(['late'])
    expect(folded.head).toBe('late')
  })

  test('of two that expect the same head, the first on the chain wins', () => {
    const race = [put('x', 'mine', { expect: [], order: order(2) }), put('y', 'theirs', { expect: [], order: order(1) })]
    const folded = foldConsensus(race)
    expect(folded.value).toBe('theirs')
    expect(folded.rejected.get(id('x'))).toMatchObject({ code: 'CONFLICT', winner: 'y' })
  })

  test('an optimistic event that lost is gone once the order is known', () => {
    expect(foldConsensus([put('x', 'mine', { expect: [] })]).value).toBe('mine')
    const folded = foldConsensus([put('x', 'mine', { expect: [] }), put('y', 'theirs', { expect: [], order: order(1) })])
    expect(folded.value).toBe('theirs')
    expect(folded.pending).toEqual([])
  })

  test('an event that did not ask for consensus takes no part', () => {
    expect(foldConsensus([put('x', 1, { ordered: false })])).toMatchObject({ value: undefined, head: undefined })
  })

  test('is a function of the set', () => {
    const entry = fc.record({
      name: fc.uuid(),
      value: fc.nat(5),
      time: fc.nat(4),
      slot: fc.option(fc.nat(5), { nil: undefined }),
      expectsNothing: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: (one) => one.name, maxLength: 8 }), fc.infiniteStream(fc.nat(100)), (made, stream) => {
        const entries = made.map((one, index) =>
          put(one.name, one.value, {
            time: one.time,
            ...(one.slot === undefined ? {} : { order: [one.slot, index, 0] as const }),
            ...(one.expectsNothing ? { expect: [] } : {}),
          }),
        )
        const shuffled = entries
          .map((one) => ({ one, at: stream.next().value ?? 0 }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ one }) => one)
        expect(foldConsensus(shuffled)).toEqual(foldConsensus(entries))
      }),
    )
  })
})
