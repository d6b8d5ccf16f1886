import { expect, it } from 'vitest'
import { nodePlatform } from '../../platform/node.js'
import { runProviderConformance } from '../../testing/provider-conformance.js'
import { createIpfsProvider } from './ipfs-provider.js'
import { noFetch, testDevice } from './test/device.js'

runProviderConformance('ipfs on this device alone', () =>
  Promise.resolve({
    provider: createIpfsProvider(
      testDevice([{ reference: 'space' as never, needs: ['storage'], secret: new Uint8Array(32) }]).parts,
      noFetch,
    ),
    platform: nodePlatform,
    settings: {},
    highestLevel: 'sent',
    settle: (work) => work,
    contacts: () => 0,
    dispose: () => Promise.resolve(),
  }),
)

it('contacts nobody that the settings do not name', async () => {
  const sockets = globalThis.WebSocket
  const fetches = globalThis.fetch
  const asked: string[] = []
  globalThis.fetch = (input) => (asked.push(String(input)), Promise.reject(new Error('nobody may be asked')))
  globalThis.WebSocket = class {
    constructor(url: string) {
      asked.push(url)
      throw new Error('nobody may be dialled')
    }
  } as never
  try {
    const provider = createIpfsProvider(testDevice().parts)
    await provider.start({ platform: nodePlatform, settings: {} })
    const content = provider.content ?? expect.fail('no content')
    await content.putBlock(new Uint8Array([0xa0]), { space: undefined })
    await content.getBlock('bafyreiea7jc6nkhcp2cfw6j35tcsovxzaq5ihxyq54vi4odlvwqgqfgxhy', { space: undefined }).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await provider.stop()
    expect(asked).toEqual([])
  } finally {
    globalThis.fetch = fetches
    globalThis.WebSocket = sockets
  }
})
