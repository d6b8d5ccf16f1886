import { describe, expect, test } from 'vitest'
import { guessDateOrder, parseDate } from './parse-date.js'

describe('dates', () => {
  test.each([
    ['2026-01-31', '2026-01-31'],
    ['2026-1-5', '2026-01-05'],
    ['2026-01-31T23:30:00Z', '2026-01-31'],
    ['2026-01-31 23:30:00', '2026-01-31'],
    ['2026/01/31', '2026-01-31'],
    ['31.01.2026', '2026-01-31'],
    ['31/Jan/26 5:00 PM', '2026-01-31'],
    ['31 January 2026', '2026-01-31'],
    ['Sat, 31 Jan 2026 10:00:00 GMT', '2026-01-31'],
    ['Jan 31, 2026', '2026-01-31'],
    [' 29-02-2028 ', '2028-02-29'],
  ])('%s', (text, day) => {
    expect(parseDate(text, 'dmy')).toBe(day)
  })

  test('slashes are read in the order that is asked for', () => {
    expect(parseDate('03/04/2026', 'dmy')).toBe('2026-04-03')
    expect(parseDate('03/04/2026', 'mdy')).toBe('2026-03-04')
  })

  test.each(['2026-02-30', '31/02/2026', '13/13/2026', 'tomorrow', '5', '2026', '31 Foo 2026', '00/00/2026', '1-2/2026'])('%s is none', (text) => {
    expect(parseDate(text, 'dmy')).toBeUndefined()
  })

  test('one date that can be read in one order only decides for the column', () => {
    expect(guessDateOrder(['03/04/2026', '25/04/2026'])).toEqual({ order: 'dmy', certain: true })
    expect(guessDateOrder(['03/04/2026', '04/25/2026'])).toEqual({ order: 'mdy', certain: true })
    expect(guessDateOrder(['03/04/2026'])).toEqual({ order: 'mdy', certain: false })
    expect(guessDateOrder(['2026-01-31', ''])).toBeUndefined()
  })
})
