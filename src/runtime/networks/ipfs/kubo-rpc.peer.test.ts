import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hasPrograms } from '../../../devnet/binaries.js'
import { startKubo } from '../../../devnet/ipfs/kubo.js'
import type { Kubo } from '../../../devnet/ipfs/kubo.js'
import { nodePlatform } from '../../platform/node.js'
import { KuboPins } from './kubo-rpc.js'
import { leaf, pinServiceConformance } from './test/pin-service-conformance.js'

describe.skipIf(!hasPrograms(['ipfs']))('a real Kubo as a pin service', () => {
  const kubos: Kubo[] = []
  const directories: string[] = []
  const start = async (token?: string): Promise<Kubo> => {
    const directory = mkdtempSync(join(tmpdir(), 'spicetime-pins-'))
    directories.push(directory)
    const kubo = await startKubo({ directory, ...(token === undefined ? {} : { token }) })
    kubos.push(kubo)
    return kubo
  }
  const pinsOf = ({ rpc }: Kubo, token?: string): KuboPins =>
    new KuboPins({ url: rpc, platform: nodePlatform, ...(token === undefined ? {} : { token }) })

  afterEach(async () => {
    await Promise.all(kubos.splice(0).map((kubo) => kubo.kill()))
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
  })

  pinServiceConformance(async () => ({ service: pinsOf(await start()) }))

  it('a pin that was removed, and a Kubo that was wiped or stopped, are told', async () => {
    const kubo = await start()
    const [pins, request] = [pinsOf(kubo), await leaf('kept', 'a')]
    await pins.pin(request)
    await fetch(`${kubo.rpc}/api/v0/pin/rm?arg=${request.cid}`, { method: 'POST' })
    expect((await pins.states([request.cid])).get(request.cid)).toBe('absent')
    await pins.pin(request)
    await kubo.stop()
    await expect(pins.states([request.cid])).rejects.toMatchObject({ code: 'NETWORK_UNAVAILABLE' })
    const back = await startKubo({ directory: directories[0] ?? '', ports: kubo.ports })
    kubos.push(back)
    expect((await pins.states([request.cid])).get(request.cid)).toBe('pinned')
    await back.wipe()
    kubos.push(await startKubo({ directory: directories[0] ?? '', ports: kubo.ports }))
    expect((await pins.states([request.cid])).get(request.cid)).toBe('absent')
  })

  it('more than one upload is handed over, and a token goes with each call', async () => {
    const pins = pinsOf(await start('a-token'), 'a-token')
    const one = await leaf('one', 'a')
    async function* blocks() {
      for (let at = 0; at < 6; at++) yield* (await leaf(`${at}`.repeat(1_000_000), 'a')).blocks()
      yield* one.blocks()
    }
    await pins.pin({ ...one, blocks })
    expect((await pins.states([one.cid])).get(one.cid)).toBe('pinned')
    await expect(pinsOf(kubos[0] ?? expect.fail('none'), 'another').states([one.cid])).rejects.toMatchObject({
      code: 'NETWORK_UNAUTHORIZED',
    })
  })
})
