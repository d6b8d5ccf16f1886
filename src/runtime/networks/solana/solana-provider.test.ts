import { afterAll } from 'vitest'
import { startSolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import { runProviderConformance } from '../../testing/provider-conformance.js'
import { peerHarness } from './test/peer-harness.js'

const devnet = await startSolanaDevnet({ slotMilliseconds: 50, finalityDepth: 8 })
afterAll(() => devnet.close())

runProviderConformance('solana on the embedded devnet', () => Promise.resolve(peerHarness(devnet)))
