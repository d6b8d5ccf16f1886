import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPrograms } from '../../../devnet/binaries.js'
import { startKubo } from '../../../devnet/ipfs/kubo.js'
import type { Kubo } from '../../../devnet/ipfs/kubo.js'
import { connect } from '../../node.js'
import type { RuntimeClient } from '../../runtime-client.js'

/** In no other text of this test. */
const PRIVATE = { text: 'the combination is 4711 ', name: 'Sparbuch der Großmutter.txt', type: 'text/x-savings' }
const PUBLIC = { text: 'the shop opens at nine ', name: 'Öffnungszeiten am Sonntag.txt', type: 'text/x-opening' }
const COPIES = 20_000

describe.skipIf(!hasPrograms(['ipfs']))('P6: the store of a real Kubo', () => {
  const root = mkdtempSync(join(tmpdir(), 'spicetime-private-'))
  let kubo: Kubo
  let runtime: RuntimeClient

  beforeAll(async () => {
    kubo = await startKubo({ directory: join(root, 'kubo') })
    const { peer, gateway, rpc } = kubo
    runtime = await connect({
      directory: join(root, 'device'),
      networks: {
        ipfs: { gateways: [gateway], pins: [{ kind: 'kubo', url: rpc }], ...(globalThis.WebSocket === undefined ? {} : { peers: [peer] }) },
      },
    })
  }, 120_000)
  afterAll(async () => {
    await runtime?.close()
    await kubo?.kill()
    rmSync(root, { recursive: true, force: true })
  })

  it('has the content and the name of a public file, and of a private one neither', async () => {
    const { id: space } = await runtime.createSpace({ name: 'Savings bank', id: 'bank', policies: { files: 'last-writer' } })
    for (const [entity, { text, name, type }] of Object.entries({ open: PUBLIC, closed: PRIVATE })) {
      const path = `${space}/files/${entity}`
      const file = new File([text.repeat(COPIES)], name, { type })
      const id = await runtime.putFile(path, file, { requires: 'storage', public: entity === 'open' })
      await runtime.reached(id, 'final', { signal: AbortSignal.timeout(30_000) })
      await expect.poll(async () => (await runtime.fileInfo(path)).availability.level, { timeout: 30_000 }).toBe('final')
    }
    // A Kubo writes some of its stores when it ends.
    await kubo.stop()
    const files = readdirSync(join(root, 'kubo'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const stored = Buffer.concat(files.map((entry) => readFileSync(join(entry.parentPath, entry.name))))
    const has = (text: string): boolean => stored.includes(text)
    // What is in the open is found where it would be: so the search finds things.
    expect([has(PUBLIC.text.repeat(10)), has(PUBLIC.name), has(PUBLIC.type)]).toEqual([true, true, true])
    // As much of the private file is there, and nothing of it can be read.
    expect(stored.length).toBeGreaterThan(COPIES * (PUBLIC.text.length + PRIVATE.text.length))
    for (const secret of [PRIVATE.text, PRIVATE.text.slice(0, 12), PRIVATE.name, 'Sparbuch', PRIVATE.type, 'Savings bank'])
      expect({ secret, found: has(secret) }).toEqual({ secret, found: false })
  })
})
