import { expect, test } from 'vitest'
import { OfferedServices } from './offered-services.js'
import { ManualPlatform } from './testing/manual-platform.js'
import type { PageAsk } from '../workers/page-ask.js'

function pageOf(asks: PageAsk[], ready = true): { ready: () => boolean; deliver: (ask: PageAsk) => void } {
  return { ready: () => ready, deliver: (ask) => asks.push(ask) }
}

test('a page that does not say within two seconds that it has it is passed over, and its late answer counts for nothing', async () => {
  const platform = new ManualPlatform()
  const services = new OfferedServices(platform)
  const [awake, frozen]: [PageAsk[], PageAsk[]] = [[], []]
  services.offer('wallet', pageOf(awake))
  services.offer('wallet', pageOf(frozen))
  const answer = services.ask('wallet', 1)
  expect([frozen.length, awake.length]).toEqual([1, 0])
  platform.advance(2_000)
  const ask = awake[0]?.ask ?? ''
  services.answer({ ask, taken: true })
  platform.advance(60_000)
  services.answer({ ask, value: 'signed' })
  services.answer({ ask, value: 'late' })
  expect(await answer).toBe('signed')
})

test('a page that has no room for more is not asked', async () => {
  const services = new OfferedServices(new ManualPlatform())
  const asks: PageAsk[] = []
  services.offer('wallet', pageOf(asks, false))
  await expect(services.ask('wallet', 1)).rejects.toMatchObject({ code: 'PAGE_NEEDED', context: { service: 'wallet' } })
  expect(asks).toEqual([])
})

test('each page that comes or goes is told of', () => {
  const services = new OfferedServices(new ManualPlatform())
  const seen: boolean[] = []
  const forget = services.onChange(() => seen.push(services.offered('wallet')))
  const withdraw = services.offer('wallet', pageOf([]))
  withdraw()
  forget()
  services.offer('wallet', pageOf([]))
  expect(seen).toEqual([true, false])
})
