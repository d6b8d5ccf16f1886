import { describe, expect, test } from 'vitest'
import { bytes, counted, duration, hybridTime, lamports, millisecondsOf, percent, shortId, shortPath } from './format.js'

describe('what the panel writes', () => {
  test('hybrid time gives whole milliseconds and the counter', () => {
    const time = 1_795_000_000_123 * 1024 + 7
    expect(millisecondsOf(time)).toBe(1_795_000_000_123)
    expect(hybridTime(time)).toMatch(/\.123 \+7$/)
  })

  test('ids keep both ends, short ones stay whole', () => {
    expect(shortId('bafyreigykq4n2zw6m3xv5abcdefghijklmnop')).toBe('bafyrei…ijklmnop')
    expect(shortId('t1')).toBe('t1')
    expect(shortPath('me/tasks/9bd6c632-1200-472b-8127-0b630b61f523')).toBe('me/tasks/9bd6c63…0b61f523')
  })

  test('bytes change their unit at a thousand', () => {
    expect(bytes(0)).toBe('0 B')
    expect(bytes(999)).toBe('999 B')
    expect(bytes(1000)).toBe('1.00 kB')
    expect(bytes(10_700_000_000)).toBe('10.7 GB')
  })

  test('durations, parts and costs stay readable at their ends', () => {
    expect([0.25, 250, 1500, 120_000].map(duration)).toEqual(['0.3 ms', '250 ms', '1.5 s', '2 min'])
    expect([0, 0.000001, 0.005, 0.97, 1].map(percent)).toEqual(['0 %', 'less than 0.01 %', '0.50 %', '97 %', '100 %'])
    expect([0, 5000].map(lamports)).toEqual(['free', '5,000 lamports'])
    expect([1, 2].map((number) => counted(number, 'event'))).toEqual(['1 event', '2 events'])
  })
})
