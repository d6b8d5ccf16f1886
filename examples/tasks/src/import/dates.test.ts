import { describe, expect, test } from 'vitest'
import { guessDateOrder, parseDue, parseMoment } from './dates.js'

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
    expect(parseDue(text, 'day-first')).toBe(day)
  })

  test('three numbers are read in the order that is asked for', () => {
    expect(parseDue('03/04/2026', 'day-first')).toBe('2026-04-03')
    expect(parseDue('03/04/2026', 'month-first')).toBe('2026-03-04')
  })

  test.each(['2026-02-30', '31/02/2026', '13/13/2026', 'tomorrow', '5', '2026', '31 Foo 2026', '00/00/2026', '0000-01-01'])(
    '%s is none',
    (text) => {
      expect(parseDue(text, 'day-first')).toBeUndefined()
    },
  )

  test('one date that can be read in one order only decides for the column', () => {
    expect(guessDateOrder(['03/04/2026', '25/04/2026'])).toEqual({ order: 'day-first', numeric: true })
    expect(guessDateOrder(['03/04/2026', '04/25/2026'])).toEqual({ order: 'month-first', numeric: true })
    expect(guessDateOrder(['03/04/2026'])).toEqual({ order: undefined, numeric: true })
    expect(guessDateOrder(['2026-01-31', ''])).toEqual({ order: undefined, numeric: false })
  })

  test('moments are read as text, or as seconds or milliseconds since 1970', () => {
    const moment = Date.UTC(2026, 0, 31, 12)
    expect(parseMoment('2026-01-31T12:00:00.000Z')).toBe(moment)
    expect(parseMoment(String(moment))).toBe(moment)
    expect(parseMoment(String(moment / 1000))).toBe(moment)
    expect(parseMoment('a while ago')).toBeUndefined()
  })
})
