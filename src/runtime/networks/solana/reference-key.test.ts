import { expect, test } from 'vitest'
import { referenceKey } from './reference-key.js'

test('a golden value: the key under which a space lies on the chain never changes', async () => {
  const key = await referenceKey(new Uint8Array(32).fill(1))
  expect(Buffer.from(key).toString('hex')).toBe('59e7dd15dd0acdf2b597eac8d26dc19d10769a05503d10f112c3658e23db79a4')
})
