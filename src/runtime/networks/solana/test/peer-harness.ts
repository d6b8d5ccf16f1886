import type { SolanaPeer } from '../../../../devnet/solana/solana-peer.js'
import { referenceFromBytes } from '../../../codec/event-id.js'
import { nodePlatform } from '../../../platform/node.js'
import type { ProviderHarness } from '../../../testing/provider-conformance.js'
import type { DeviceParts } from '../../provider-parts.js'
import { createSolanaProvider } from '../solana-provider.js'
import { MemoryKeys, MemoryRows, NO_LISTS } from '../../../testing/memory-parts.js'

/** The space of the event factory, with a secret of its own for each device, so that tests on one chain don't see one another. */
export function deviceInMemory(): DeviceParts {
  const reference = referenceFromBytes(new Uint8Array(32))
  const secret = nodePlatform.randomBytes(32)
  return {
    rows: new MemoryRows(),
    keys: new MemoryKeys(),
    spaces: { list: () => [{ reference, needs: ['consensus'], secret }], onChange: () => () => undefined },
    pages: () => Promise.reject(new Error('no page is there')),
    blocks: () => Promise.reject(new Error('no blocks are there')),
    lists: () => Promise.resolve(NO_LISTS),
  }
}

/** One device on a chain on loopback, for the conformance suite. */
export function peerHarness(peer: SolanaPeer): ProviderHarness {
  let contacts = 0
  const counted: typeof fetch = (input, init) => {
    contacts++
    return fetch(input, init)
  }
  return {
    provider: createSolanaProvider(deviceInMemory(), { fetch: counted }),
    platform: nodePlatform,
    settings: { cluster: peer.url, websocket: peer.websocketUrl },
    highestLevel: 'final',
    // The suite pulls a bounded number of times: each leaves the chain the time of a slot.
    settle: async (work) => {
      const result = await work
      await peer.step()
      return result
    },
    contacts: () => contacts,
    dispose: () => Promise.resolve(),
  }
}
