import { afterAll, beforeAll, describe } from 'vitest'
import type { HolochainDevnet } from '../../../devnet/holochain/holochain-devnet.js'
import { referenceFromBytes } from '../../codec/event-id.js'
import { nodePlatform } from '../../platform/node.js'
import { MemoryKeys, MemoryRows, NO_LISTS } from '../../testing/memory-parts.js'
import { runProviderConformance } from '../../testing/provider-conformance.js'
import type { ProviderHarness } from '../../testing/provider-conformance.js'
import { createHolochainProvider } from './holochain-provider.js'
import { startTestDevnet } from './test/conductor-harness.js'
import { hasConductors } from './test/started-team.js'

describe.skipIf(!hasConductors)('a real conductor', () => {
  let devnet: HolochainDevnet
  /** One conductor serves all tests: each has a space of its own in it. */
  const keys = new MemoryKeys()
  beforeAll(async () => {
    devnet = await startTestDevnet()
    // A bound for one that hangs: a busy machine may need a minute.
  }, 300_000)
  afterAll(() => devnet?.close())

  runProviderConformance('holochain on a real conductor', () => Promise.resolve(harness()))

  function harness(): ProviderHarness {
    let contacts = 0
    const reference = referenceFromBytes(new Uint8Array(32))
    const secret = nodePlatform.randomBytes(32)
    const device = {
      rows: new MemoryRows(),
      keys,
      spaces: { list: () => [{ reference, needs: ['team' as const], secret }], onChange: () => () => undefined },
      pages: () => Promise.reject(new Error('no page is there')),
      blocks: () => Promise.reject(new Error('no blocks are there')),
      lists: () => Promise.resolve(NO_LISTS),
    }
    const counted: typeof fetch = (input, init) => {
      contacts++
      return fetch(input, init)
    }
    return {
      provider: createHolochainProvider(device, { fetch: counted }),
      platform: nodePlatform,
      settings: { endpoint: devnet.endpoint, token: devnet.token },
      highestLevel: 'final',
      settle: (work) => work,
      contacts: () => contacts,
      dispose: () => Promise.resolve(),
    }
  }
})
