import { runBlockStoreConformance } from '../../testing/block-store-conformance.js'
import { MemoryBlockStore } from './memory-block-store.js'

runBlockStoreConformance('memory', () => {
  const blocks = new Map<string, Uint8Array<ArrayBuffer>>()
  return Promise.resolve({ open: () => Promise.resolve(new MemoryBlockStore(blocks)), dispose: () => Promise.resolve() })
})
