import { expect, test } from 'vitest'
import { startSolanaDevnet } from './solana-devnet.js'
import { NO_FAULTS } from './switches.js'

test.fails('starts', async () => {
  expect(NO_FAULTS.down).toBe(false)
  await startSolanaDevnet()
})
