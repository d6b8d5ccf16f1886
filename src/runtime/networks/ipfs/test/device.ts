import { MemoryKeys, MemoryRows, NO_LISTS } from '../../../testing/memory-parts.js'
import { nodePlatform } from '../../../platform/node.js'
import type { Platform } from '../../../platform/platform.js'
import type { BlockStore } from '../../../storage/block-store.js'
import { MemoryBlockStore } from '../../../storage/memory/memory-block-store.js'
import type { ProviderContent } from '../../content.js'
import type { NetworkProvider } from '../../provider.js'
import type { DeviceParts, NetworkSpace } from '../../provider-parts.js'
import { createIpfsProvider } from '../ipfs-provider.js'
import type { IpfsSeams } from '../ipfs-provider.js'

/** A device's parts in memory, which a later provider can be started on again. */
export interface TestDevice {
  readonly parts: DeviceParts
  readonly rows: MemoryRows
  readonly blocks: Map<string, Uint8Array<ArrayBuffer>>
  store: BlockStore
}

export function testDevice(spaces: readonly NetworkSpace[] = []): TestDevice {
  const rows = new MemoryRows()
  const blocks = new Map<string, Uint8Array<ArrayBuffer>>()
  const device: TestDevice = {
    rows,
    blocks,
    store: new MemoryBlockStore(blocks),
    parts: {
      rows,
      keys: new MemoryKeys(),
      lists: () => Promise.resolve(NO_LISTS),
      spaces: { list: () => spaces, onChange: () => () => undefined },
      pages: () => Promise.reject(new Error('no page is there')),
      blocks: () => Promise.resolve(device.store),
    },
  }
  return device
}

export interface StartedProvider {
  readonly provider: NetworkProvider
  readonly content: ProviderContent
}

/** A network that must not be asked. */
export const noFetch: IpfsSeams = { fetch: () => Promise.reject(new Error('nobody may be contacted')) }

export async function startProvider(
  device: TestDevice,
  settings: unknown = {},
  { seams = noFetch, platform = nodePlatform }: { readonly seams?: IpfsSeams; readonly platform?: Platform } = {},
): Promise<StartedProvider> {
  const provider = createIpfsProvider(device.parts, seams)
  await provider.start({ platform, settings })
  if (provider.content === undefined) throw new Error('the provider keeps no content')
  return { provider, content: provider.content }
}

/** Pieces of a file that is made while it is read. */
export async function* madeFile(size: number, piece = 100_000): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < size; at += piece) yield madeBytes(at, Math.min(size, at + piece))
}

/** The bytes of the same file from one place to another. */
export function madeBytes(from: number, to: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(to - from)
  for (let at = from; at < to; at++) bytes[at - from] = (at * 31 + (at >> 8) * 17 + (at >> 16)) & 255
  return bytes
}

export async function collectBytes(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  return new Uint8Array(Buffer.concat(parts))
}
