import { expect, test } from 'vitest'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import { Lazy } from './lazy.js'

function failing(...errors: Error[]): { lazy: Lazy<string>; calls: () => number } {
  let calls = 0
  const lazy = new Lazy(async () => {
    const error = errors[calls++]
    if (error !== undefined) throw error
    return `made ${calls}`
  })
  return { lazy, calls: () => calls }
}

test('is made once, however many ask', async () => {
  const { lazy, calls } = failing()
  expect(await lazy.made()).toBeUndefined()
  expect(await Promise.all([lazy.get(), lazy.get()])).toEqual(['made 1', 'made 1'])
  expect([await lazy.get(), await lazy.made(), calls()]).toEqual(['made 1', 'made 1', 1])
})

test('a part that could not be loaded is loaded by the next who asks', async () => {
  const { lazy } = failing(new TypeError('Failed to fetch dynamically imported module'), new SpiceTimeError('STORAGE_FAILED', 'no'))
  await expect(Promise.all([lazy.get(), lazy.get()])).rejects.toMatchObject({ code: 'WORKER_FAILED' })
  expect(await lazy.made()).toBeUndefined()
  await expect(lazy.get()).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
  expect(await lazy.get()).toBe('made 3')
})

test('is made anew once it was forgotten, and is what was given instead', async () => {
  const { lazy } = failing()
  await lazy.get()
  lazy.forget()
  expect(await lazy.get()).toBe('made 2')
  lazy.forget('given')
  expect(await lazy.get()).toBe('given')
})
