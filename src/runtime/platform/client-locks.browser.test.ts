import { expect, test } from 'vitest'
import { webLocks } from './client-locks.js'

test('whoever waits for a lock hears that it is free, though another that waited is frozen and keeps it', async () => {
  const release = await webLocks.hold('life')
  let thaw = (): void => undefined
  const frozen = navigator.locks.request('life', { mode: 'shared' }, () => new Promise<void>((resolve) => (thaw = resolve)))
  const free = webLocks.whenFree('life', new AbortController().signal)
  release()
  await expect(free).resolves.toBeUndefined()
  thaw()
  await frozen
})
