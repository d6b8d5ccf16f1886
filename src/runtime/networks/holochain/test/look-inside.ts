import { fromBase32 } from '../../../codec/base32.js'
import { nodePlatform } from '../../../platform/node.js'
import { MemoryKeys } from '../../../testing/memory-parts.js'
import { CallKey } from '../call-key.js'
import { conductorEndpoint } from '../endpoint.js'
import type { WantedSpace } from '../endpoint.js'
import { signedBy } from '../endpoint-conductor.js'
import { WebsocketLink } from '../websocket-link.js'
import type { Mark, PulledBatch } from '../zome-calls.js'
import type { TestDevnet } from './conductor-harness.js'

/** Every batch that one device's conductor holds of a space, past its runtime. */
export async function batchesIn(devnet: TestDevnet, device: string, space: WantedSpace): Promise<readonly PulledBatch[]> {
  const key = await CallKey.load(new MemoryKeys(), nodePlatform)
  const endpoint = conductorEndpoint({ url: devnet.endpoint, token: devnet.token, device: fromBase32(device), fetch })
  const link = await WebsocketLink.open(
    { address: await endpoint.open(), sign: signedBy(key), open: (wanted) => endpoint.cell({ ...wanted, signingKey: key.signingKey }) },
    { onSignal: () => undefined, onClosed: () => undefined },
  )
  try {
    const { calls } = await link.cell({ seed: space.seed, space: space.space })
    const batches: PulledBatch[] = []
    for (let [since, more]: [readonly Mark[], boolean] = [[], true]; more;) {
      const pulled = await calls.pull({ since, maxBytes: 1 << 20, network: false })
      batches.push(...pulled.batches)
      since = pulled.since
      more = pulled.more
    }
    return batches
  } finally {
    link.close()
  }
}

/** The events of batches, as text, in the order of the batches. */
export function eventsOf(batches: readonly PulledBatch[]): readonly string[] {
  return batches.flatMap(({ batch }) => batch.events.map((event) => Buffer.from(event).toString('base64')))
}
