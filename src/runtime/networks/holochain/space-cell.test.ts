import { expect, test } from 'vitest'
import { toBase32 } from '../../codec/base32.js'
import type { SpaceReference } from '../../model/event.js'
import { MemoryRows } from '../../testing/memory-parts.js'
import type { ConductorLink } from './conductor.js'
import { SentEvents } from './sent-events.js'
import { SpaceCell } from './space-cell.js'
import { NETWORK_VERSION, zomeCalls } from './zome-calls.js'

const REFERENCE = toBase32(new Uint8Array(32)) as SpaceReference
const HASH = new Uint8Array(39)

function opened(version: number, dna: Uint8Array = HASH, rows = new MemoryRows()): Promise<SpaceCell> {
  const link: ConductorLink = {
    conductor: '0.7.1',
    url: 'ws://127.0.0.1',
    cell: () => Promise.resolve({ dna, agent: HASH, calls: zomeCalls(() => Promise.resolve(version)) }),
    peers: () => Promise.resolve(undefined),
    close: () => undefined,
  }
  const space = { reference: REFERENCE, secret: new Uint8Array(32), needs: ['team'] as const }
  return SpaceCell.open({ space, link, sent: new SentEvents(rows, REFERENCE) })
}

test("a conductor's app with this version's rules is taken", async () => {
  expect((await opened(NETWORK_VERSION)).wiped).toBe(false)
})

test('one that is the same agent in another network has lost what was published in the former one', async () => {
  const rows = new MemoryRows()
  await opened(NETWORK_VERSION, HASH, rows)
  expect((await opened(NETWORK_VERSION, HASH, rows)).wiped).toBe(false)
  const moved = await opened(NETWORK_VERSION, new Uint8Array(39).fill(1), rows)
  expect(moved.wiped).toBe(true)
  await moved.begin()
  expect((await opened(NETWORK_VERSION, moved.dna, rows)).wiped).toBe(false)
})

test.each([NETWORK_VERSION - 1, NETWORK_VERSION + 1])(
  'one with the rules of version %i is refused, and what to install is said',
  async (version) => {
    await expect(opened(version)).rejects.toMatchObject({
      code: 'NETWORK_VERSION_UNSUPPORTED',
      message: expect.stringMatching(new RegExp(`version ${version}, .* version ${NETWORK_VERSION}\\. Install holochain/spicetime\\.happ`)),
    })
  },
)
