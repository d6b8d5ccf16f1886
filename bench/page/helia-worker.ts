// The order counts: Helia needs it while its modules are evaluated.
import '../../src/runtime/networks/ipfs/with-resolvers.js'
import { unixfs } from '@helia/unixfs'
import { createHeliaLight } from 'helia'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { HeliaBlocks } from '../../src/runtime/networks/ipfs/helia-blocks.js'
import { openIndexedDbBlockStore } from '../../src/runtime/storage/indexed-db/indexed-db-block-store.js'

/** Plain Helia over the same blocks: what an app would have without the runtime. Answers with milliseconds. */
globalThis.onmessage = async ({ data: file }: MessageEvent<Blob>) => {
  const platform = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    randomBytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
    after: (milliseconds: number, callback: () => void) => {
      const timer = setTimeout(callback, milliseconds)
      return () => clearTimeout(timer)
    },
  }
  const store = await openIndexedDbBlockStore({ platform, name: `helia-${crypto.randomUUID()}` })
  const helia = createHeliaLight({ blockstore: new HeliaBlocks(store) })
  const start = performance.now()
  // As the runtime and Kubo build them.
  await unixfs(helia).addByteStream(bytesOf(file), {
    rawLeaves: true,
    chunker: fixedSize({ chunkSize: 262_144 }),
    layout: balanced({ maxChildrenPerNode: 174 }),
  })
  postMessage(performance.now() - start)
  await store.close()
}

async function* bytesOf(file: Blob): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
}
