import { expect, test } from 'vitest'
import { ERROR_CODES } from './codes.js'
import { SpiceTimeError } from './spice-time-error.js'
import { errorFromWire, errorToWire } from './wire.js'

test('an error crosses whole: code, message, context, stack and causes', () => {
  const cause = new SpiceTimeError('STORAGE_FULL', 'no room', { bytes: 7 }, new TypeError('deep'))
  const error = new SpiceTimeError('STORAGE_FAILED', 'not kept', { path: 'me/a/1', list: ['x'] }, cause)
  const back = errorFromWire(structuredClone(errorToWire(error)))
  expect(back).toBeInstanceOf(SpiceTimeError)
  expect(back).toMatchObject({
    name: 'SpiceTimeError',
    code: 'STORAGE_FAILED',
    message: 'not kept',
    context: { path: 'me/a/1', list: ['x'] },
  })
  expect(back.stack).toBe(error.stack)
  expect(back.cause).toMatchObject({ code: 'STORAGE_FULL', cause: { name: 'TypeError', message: 'deep' } })
})

test('what is no error, and codes of another build, come over too', () => {
  expect(errorFromWire(errorToWire('just text'))).toMatchObject({ message: 'just text' })
  expect(errorFromWire({ name: 'SpiceTimeError', message: 'news', code: 'FROM_THE_FUTURE' })).toMatchObject({
    code: 'INTERNAL',
    message: 'FROM_THE_FUTURE: news',
  })
})

test('a cycle of causes ends', () => {
  const error = new Error('a')
  error.cause = error
  expect(errorToWire(error)).toBeDefined()
})

test('codes are unique and follow their grammar', () => {
  expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length)
  for (const code of ERROR_CODES) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
})
