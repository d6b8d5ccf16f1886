import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { madeBytes } from '../../runtime/networks/ipfs/test/device.js'
import { hasPrograms, requireProgram } from '../binaries.js'
import { startKubo } from './kubo.js'
import { PeerBench } from './test/peer-bench.js'

describe.skipIf(!hasPrograms(['ipfs']))('a Kubo that uses the embedded peer as its pinning service', () => {
  const bench = new PeerBench()
  afterEach(() => bench.clear())
  afterAll(() => bench.remove())

  it('pins there from its own blocks, sees it pinned, and unpins', async () => {
    const peer = await bench.peer()
    const directory = join(bench.root, 'kubo')
    const kubo = await startKubo({ directory })
    const ipfs = async (...words: string[]): Promise<string> =>
      (await promisify(execFile)(requireProgram('ipfs'), words, { env: { ...process.env, IPFS_PATH: directory } })).stdout.trim()
    try {
      const size = 1_000_000
      const file = join(bench.root, 'file')
      writeFileSync(file, madeBytes(0, size))
      const cid = await ipfs('add', '--cid-version=1', '--raw-leaves', '-Q', file)
      await ipfs('pin', 'remote', 'service', 'add', 'here', peer.pins.url, peer.pins.token)
      expect(await ipfs('pin', 'remote', 'add', '--service=here', '--name=from Kubo', cid)).toContain('Status: pinned')
      expect(await ipfs('pin', 'remote', 'ls', '--service=here', '--name=from Kubo')).toContain(cid)
      expect((await fetch(`${peer.gateway}/ipfs/${cid}?format=raw`)).status).toBe(200)
      await ipfs('pin', 'remote', 'rm', '--service=here', '--name=from Kubo')
      expect(await ipfs('pin', 'remote', 'ls', '--service=here')).toBe('')
    } finally {
      await kubo.stop()
    }
  })
})
