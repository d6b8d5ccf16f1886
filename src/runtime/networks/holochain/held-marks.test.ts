import { expect, test } from 'vitest'
import type { Cursor } from '../../model/cursor.js'
import type { EventId } from '../../model/event.js'
import { HeldMarks } from './held-marks.js'
import { formatCursor, parseCursor } from './pull-cursor.js'
import type { Mark } from './zome-calls.js'

const [ADA, BEN] = [new Uint8Array(39).fill(1), new Uint8Array(39).fill(2)] as const
const NEWS = { events: [], receipts: [] }
const at = (agent: Uint8Array, next: number, above: readonly number[] = []): Mark => ({ agent, next, above })
const ids = (...names: readonly string[]): readonly EventId[] => names as readonly EventId[]

function cursorOf(...marks: readonly Mark[]): Cursor {
  return formatCursor(new Map([['space', marks]]))
}

test('an agent of whom something found no room stays where it was for the rest of the pull; others go on', () => {
  const held = new HeldMarks()
  const page = (before: readonly Mark[], reached: readonly Mark[], events: Readonly<Record<'ada' | 'ben', readonly EventId[]>>) =>
    held.update(NEWS, {
      ...{ space: 'space', before, reached: new Map([['space', reached]]) },
      brought: [
        { agent: ADA, events: events.ada },
        { agent: BEN, events: events.ben },
      ],
    })
  const first = page([at(ADA, 3, [5])], [at(ADA, 6), at(BEN, 2)], { ada: ids('a', 'b'), ben: ids('c') })
  expect(first.cursor).toBe(cursorOf(at(ADA, 6), at(BEN, 2)))
  // Fetched while the first was taken in.
  const second = page([at(ADA, 6), at(BEN, 2)], [at(ADA, 9), at(BEN, 4)], { ada: ids('d'), ben: ids('e') })
  expect(first.cursorWithout?.(ids('b'))).toBe(cursorOf(at(ADA, 3, [5]), at(BEN, 2)))
  expect(second.cursor).toBe(cursorOf(at(ADA, 3, [5]), at(BEN, 4)))
  expect(second.cursorWithout?.(ids('d', 'e'))).toBe(cursorOf(at(ADA, 3, [5]), at(BEN, 2)))
  expect(held.kept('space', [at(ADA, 9), at(BEN, 4)])).toEqual([at(ADA, 3, [5]), at(BEN, 2)])
  expect(held.kept('another', [at(ADA, 9)])).toEqual([at(ADA, 9)])
})

test('an agent that was not known before is asked from its beginning', () => {
  const held = new HeldMarks()
  const reached = new Map([['space', [at(ADA, 2)]]])
  const update = held.update(NEWS, { space: 'space', before: [], reached, brought: [{ agent: ADA, events: ids('a') }] })
  expect(parseCursor(update.cursorWithout?.(ids('a')) ?? update.cursor).get('space')).toEqual([at(ADA, 0)])
})
