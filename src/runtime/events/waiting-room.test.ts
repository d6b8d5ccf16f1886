import { expect, test } from 'vitest'
import { openMemoryStore } from '../storage/memory/memory-store.js'
import { WaitingRoom } from './waiting-room.js'

test('what waits and could not be read is read by the next who asks', async () => {
  const { store } = await openMemoryStore()
  const range = store.range.bind(store)
  let failures = 1
  store.range = (asked) => {
    if (failures-- > 0) throw new TypeError('Failed to fetch dynamically imported module')
    return range(asked)
  }
  const waiting = new WaitingRoom(store)
  await expect(waiting.load()).rejects.toThrow('dynamically imported')
  await expect(waiting.load()).resolves.toBeUndefined()
})
