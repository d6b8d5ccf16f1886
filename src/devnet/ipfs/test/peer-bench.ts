import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import { blockName } from '../../../runtime/networks/ipfs/content-id.js'
import type { PinService } from '../../../runtime/networks/ipfs/pin-service.js'
import { PinningService } from '../../../runtime/networks/ipfs/pinning-service.js'
import { startProvider, testDevice } from '../../../runtime/networks/ipfs/test/device.js'
import type { StartedProvider, TestDevice } from '../../../runtime/networks/ipfs/test/device.js'
import { nodePlatform } from '../../../runtime/platform/node.js'
import { startEmbeddedPeer } from '../embedded-peer.js'
import type { EmbeddedPeer, EmbeddedPeerSettings } from '../embedded-peer.js'

/** Embedded peers and devices that use them; all of them end with `clear`. */
export class PeerBench {
  readonly root: string = mkdtempSync(join(tmpdir(), 'spicetime-embedded-'))
  readonly #ending: (() => Promise<void>)[] = []
  #folders = 0

  /** One of its own, unless the directory is named. */
  async peer(settings: Partial<EmbeddedPeerSettings> = {}): Promise<EmbeddedPeer> {
    const directory = join(this.root, String(this.#folders++))
    const peer = await startEmbeddedPeer({ directory, ...settings })
    let closed: Promise<void> | undefined
    const close = (): Promise<void> => (closed ??= peer.close())
    this.#ending.push(close)
    return { ...peer, close }
  }

  /** A device that is connected to the peer, and asks nobody else. */
  async device({ peer }: EmbeddedPeer, device: TestDevice = testDevice()): Promise<StartedProvider & { readonly device: TestDevice }> {
    const started = await startProvider(device, { peers: [peer], fetchDeadline: 5_000 })
    this.#ending.unshift(() => started.provider.stop())
    // It opens with the first content.
    await started.content.putBlock(Uint8Array.of(0xa0), { space: undefined })
    while (started.provider.facts()['peers connected'] !== '1 of 1') await new Promise((resolve) => setTimeout(resolve, 10))
    return { ...started, device }
  }

  /** The peer's pinning service, as a runtime asks it. */
  pins({ pins }: EmbeddedPeer): PinningService {
    return new PinningService({ ...pins, platform: nodePlatform })
  }

  async clear(): Promise<void> {
    for (const end of this.#ending.splice(0)) await end()
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Blocks lie on the device, from which the service fetches what it is to pin. */
export function besides(service: PinService, { store }: TestDevice): PinService {
  return {
    name: service.name,
    async pin(request, options) {
      for await (const { cid, bytes } of request.blocks()) await store.put([[blockName(CID.parse(cid)), bytes]])
      await service.pin(request, options)
    },
    states: (cids, options) => service.states(cids, options),
    named: (name, options) => service.named(name, options),
    unpin: (cid, options) => service.unpin(cid, options),
  }
}
