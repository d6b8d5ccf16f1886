import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPrograms } from '../../../devnet/binaries.js'
import { startSolanaValidator } from '../../../devnet/solana/solana-validator.js'
import type { SolanaPeer } from '../../../devnet/solana/solana-peer.js'
import { referenceFromBytes } from '../../codec/event-id.js'
import { EventFactory } from '../../testing/event-factory.js'
import { runProviderConformance } from '../../testing/provider-conformance.js'
import { MemoryRows } from '../../testing/memory-parts.js'
import { peerHarness } from './test/peer-harness.js'
import { MemoryKeys } from '../../testing/memory-parts.js'
import { SendingDevice } from './test/sending-device.js'

const SPACE_BYTES = new Uint8Array(32).fill(4)
const SPACE = referenceFromBytes(SPACE_BYTES)

describe.skipIf(!hasPrograms(['solana-test-validator']))('the real validator', () => {
  let peer: SolanaPeer
  beforeAll(async () => {
    peer = await startSolanaValidator()
    // A bound for one that hangs: a busy machine may need a minute.
  }, 300_000)
  afterAll(() => peer.close())

  runProviderConformance('solana on the real validator', () => Promise.resolve(peerHarness(peer)))

  test('a burst shares transactions, a chain keeps its order, and a restarted device sends nothing again', async () => {
    const disk = { rows: new MemoryRows(), keys: new MemoryKeys() }
    const factory = await EventFactory.create(SPACE_BYTES)
    const device = await SendingDevice.start({ url: peer.url, disk, space: SPACE })
    const burst = await factory.events(20, { needs: ['consensus'], alone: true })
    const chain = await factory.events(6, { needs: ['consensus'] })
    await Promise.all([...burst, ...chain].map((event) => device.sender.submit(event)))
    await device.stop()
    const next = await SendingDevice.start({ url: peer.url, disk, space: SPACE })
    await Promise.all([...burst, ...chain].map((event) => next.sender.submit(event)))
    while ((await next.onChain()).length < burst.length + chain.length) await peer.step()
    const ids = await next.onChain()
    expect([...ids].sort()).toEqual([...burst, ...chain].map(({ id }) => id).sort())
    expect(ids.filter((id) => chain.some((event) => event.id === id))).toEqual(chain.map(({ id }) => id))
    expect((await next.transactions()).length).toBeLessThanOrEqual(9)
    await next.stop()
  })
})
