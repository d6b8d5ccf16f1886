import { expect, test } from 'vitest'
import { dueLabel, nearness } from './due-date.js'

test.each([
  ['2026-03-28', 'overdue', 'Yesterday'],
  ['2026-03-29', 'today', 'Today'],
  ['2026-03-30', 'soon', 'Tomorrow'],
  ['2026-03-31', 'soon', 'Tue'],
  ['2026-05-02', 'later', '2 May'],
  ['2027-01-02', 'later', '2 Jan 2027'],
  ['2025-12-31', 'overdue', '31 Dec 2025'],
])('%s is %s, said as %s', (due, near, label) => {
  // The night in which European clocks change.
  expect(nearness(due, '2026-03-29')).toBe(near)
  expect(dueLabel(due, '2026-03-29', 'en-GB')).toBe(label)
})
