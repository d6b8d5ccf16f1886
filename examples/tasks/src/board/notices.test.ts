import { SpiceTimeError } from 'spicetime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Notices } from './notices.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const full = (): SpiceTimeError => new SpiceTimeError('STORAGE_FULL', 'There is no room left at me/tasks/1.')

test('a failure is shown with the runtime’s words and code, and stays', () => {
  const notices = new Notices()
  notices.failure('The change was not saved.', full())
  vi.advanceTimersByTime(3_600_000)
  expect(notices.snapshot.notices).toMatchObject([
    { kind: 'failure', text: 'The change was not saved. There is no room left at me/tasks/1.', code: 'STORAGE_FULL' },
  ])
})

test('the same failure twice is one notice, whose button does both again', () => {
  const notices = new Notices()
  const done: string[] = []
  notices.failure('Not saved.', full(), { label: 'Try again', run: () => done.push('first') })
  notices.failure('Not saved.', full(), { label: 'Try again', run: () => done.push('second') })
  expect(notices.snapshot.notices).toHaveLength(1)
  notices.snapshot.notices[0]?.action?.run()
  expect(done).toEqual(['first', 'second'])
})

test('what merely informs goes by itself, later when there is something to press', () => {
  const notices = new Notices()
  notices.info('Exported 3 tasks')
  notices.info('Deleted', { label: 'Undo', run: () => undefined })
  vi.advanceTimersByTime(5_000)
  expect(notices.snapshot.notices.map(({ text }) => text)).toEqual(['Deleted'])
  vi.advanceTimersByTime(5_000)
  expect(notices.snapshot.notices).toEqual([])
})

test('the same words are said again', () => {
  const notices = new Notices()
  notices.say('Last change undone')
  const before = notices.snapshot.spoken
  notices.say('Last change undone')
  expect(notices.snapshot.spoken).not.toEqual(before)
})

test('a refusal is told in the board’s words, and the runtime’s are its detail', () => {
  const notices = new Notices()
  notices.refusal('Paste it in parts.', full())
  notices.refusal('Paste it in parts.', full())
  expect(notices.snapshot.notices).toMatchObject([
    {
      kind: 'failure',
      text: 'Paste it in parts.',
      code: 'STORAGE_FULL',
      detail: 'There is no room left at me/tasks/1.',
      action: undefined,
    },
  ])
})
