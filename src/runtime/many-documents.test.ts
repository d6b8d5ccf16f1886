import { expect, test } from 'vitest'
import type { Receipt } from './model/receipt.js'
import type { Event } from './model/event.js'
import { MAX_CACHED_DOCUMENTS } from './state/document-cache.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { openSpaceOf, Replica } from './testing/replicas.js'

const DOCUMENTS = MAX_CACHED_DOCUMENTS + 100

function receiptOf({ id }: Event): Receipt {
  return { event: id, network: 'holochain', level: 'shared', reference: 'batch', cost: 0, at: 1, latency: 0 }
}

test('P4: what comes with its receipts, of more documents than memory keeps at once, is as it is where it was written', async () => {
  const [ada, ben] = [await Replica.open(new ManualPlatform()), await Replica.open(new ManualPlatform({ seed: 2 }))]
  const space = await openSpaceOf([ada, ben])
  for (let round = 0; round < 2; round++) {
    const inputs = Array.from({ length: DOCUMENTS }, (_, at) => ({
      ...{ path: `${space}/tasks/${at}`, op: 'patch' as const, value: { [`round${round}`]: at } },
    }))
    await ada.runtime.submitEvents(inputs)
    const log = await ada.log(space)
    const events = log.slice(-DOCUMENTS)
    const earlier = round === 0 ? log.slice(0, -DOCUMENTS) : []
    await ben.receive(...earlier.map(({ bytes }) => bytes))
    await ben.runtime.intake.receive('holochain', {
      ...{ events: events.map(({ bytes }) => bytes), receipts: events.map(receiptOf), retracted: [] },
    })
    expect(await ben.fingerprint(`${space}/tasks`)).toBe(await ada.fingerprint(`${space}/tasks`))
  }
  const first = await ben.runtime.getState(`${space}/tasks/0`)
  expect(first.kind === 'state' ? first.state.level : undefined).toBe('shared')
  await Promise.all([ada.runtime.close(), ben.runtime.close()])
})
