import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runBlockStoreConformance } from '../../testing/block-store-conformance.js'
import { openLevelBlockStore } from './level-block-store.js'
import { openLevelStore } from './level-store.js'

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'spicetime-blocks-'))

runBlockStoreConformance('level', async () => {
  const location = await folder()
  return { open: () => openLevelBlockStore(location), dispose: () => rm(location, { recursive: true, force: true }) }
})

describe('level block store', () => {
  it("lies in the device's folder without a harm to the device's own database", async () => {
    const location = await folder()
    const { store } = await openLevelStore({ location })
    await store.write([['a', new Uint8Array([1])]])
    const blocks = await openLevelBlockStore(location)
    await blocks.put([['block', new Uint8Array([2])]])
    await Promise.all([store.close(), blocks.close()])
    const again = await openLevelStore({ location })
    expect(await again.store.get('a')).toEqual(new Uint8Array([1]))
    expect(again.store.damaged()).toEqual([])
    await again.store.close()
    await rm(location, { recursive: true, force: true })
  })
})
