// The embedded devnet in a process of its own, so that what it costs is counted to nobody. Ends with the process that started it.
import { withSource } from './source.mjs'

const [directory, slotMilliseconds] = process.argv.slice(2)
await withSource('../../src/devnet/solana/solana-devnet.ts', async ({ startSolanaDevnet }) => {
  const devnet = await startSolanaDevnet({ directory, slotMilliseconds: Number(slotMilliseconds) })
  process.send?.({ url: devnet.url, controlUrl: devnet.controlUrl })
  await new Promise((resolve) => process.once('disconnect', resolve))
  await devnet.close()
})
