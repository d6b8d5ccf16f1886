import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { hasPrograms } from '../binaries.js'
import { startKubo } from './kubo.js'
import type { Kubo } from './kubo.js'
import type { KuboSettings } from './kubo-config.js'

const ORIGIN = 'http://localhost:4173'
const RAW = 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'

describe.skipIf(!hasPrograms(['ipfs']))('a Kubo of the devnet', () => {
  const root = mkdtempSync(join(tmpdir(), 'spicetime-kubo-'))
  const running: Kubo[] = []
  const start = async (settings: Partial<KuboSettings> = {}): Promise<Kubo> => {
    const kubo = await startKubo({ directory: join(root, 'repository'), ...settings })
    running.push(kubo)
    return kubo
  }
  const rpc = (kubo: Kubo, call: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${kubo.rpc}/api/v0/${call}`, { method: 'POST', ...init })
  const put = async (kubo: Kubo, text: string): Promise<Response> => {
    const form = new FormData()
    form.append('data', new Blob([text]))
    return rpc(kubo, 'block/put?cid-codec=raw&pin=true', { body: form })
  }

  afterEach(async () => {
    for (const kubo of running.splice(0)) await kubo.kill()
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  it('keeps what it has over a stop, a power cut and other ports; a lost disk loses it and its name', async () => {
    const first = await start()
    expect(await (await put(first, 'hello world')).json()).toMatchObject({ Key: RAW })
    await first.stop()
    const same = await start({ ports: first.ports })
    expect({ peer: same.peer, ports: same.ports }).toEqual({ peer: first.peer, ports: first.ports })
    await same.kill()
    const moved = await start()
    expect(moved.peer.split('/').at(-1)).toBe(first.peer.split('/').at(-1))
    expect(await (await fetch(`${moved.gateway}/ipfs/${RAW}?format=raw`)).text()).toBe('hello world')
    await moved.wipe()
    const other = await start()
    expect(other.peer.split('/').at(-1)).not.toBe(first.peer.split('/').at(-1))
    expect(await (await rpc(other, 'pin/ls')).json()).not.toHaveProperty(['Keys', RAW])
  })

  it('its gateway gives blocks and CARs to the app, and no pages', async () => {
    const kubo = await start({ origins: [ORIGIN] })
    await put(kubo, 'hello world')
    const get = (query: string): Promise<Response> => fetch(`${kubo.gateway}/ipfs/${RAW}${query}`, { headers: { origin: ORIGIN } })
    expect(await (await get('?format=car')).arrayBuffer()).toHaveProperty('byteLength', expect.any(Number))
    expect((await get('?format=raw')).headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect((await get('')).status).toBe(406)
  })

  it('its RPC serves the app and programs, and no page of another origin', async () => {
    const kubo = await start({ origins: [ORIGIN] })
    const from = (origin: string): Promise<Response> => rpc(kubo, 'version', { headers: { origin } })
    expect((await from(ORIGIN)).headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect((await from('http://localhost:9999')).status).toBe(403)
    expect((await rpc(kubo, 'version')).status).toBe(200)
  })

  it('takes no call without the token where there is one', async () => {
    const kubo = await start({ token: 'a-token' })
    expect((await rpc(kubo, 'version')).status).toBe(403)
    expect((await rpc(kubo, 'version', { headers: { authorization: 'Bearer a-token' } })).status).toBe(200)
    await kubo.stop()
    expect((await rpc(await start(), 'version')).status).toBe(200)
  })

  it('listens and dials on loopback alone, and knows no peer', { timeout: 120_000 }, async () => {
    const kubo = await start()
    // Missing content is what would make it ask around.
    const asked = fetch(`${kubo.gateway}/ipfs/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy?format=raw`)
    const addresses = new Set<string>()
    for (const until = Date.now() + 8_000; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 100)))
      for (const address of socketsOf(join(root, 'repository'))) addresses.add(address)
    expect([...addresses].filter((address) => !address.startsWith('127.0.0.1:'))).toEqual([])
    expect([...addresses]).toContain(`127.0.0.1:${kubo.ports.swarm}`)
    expect(await (await rpc(kubo, 'swarm/peers')).json()).toEqual({ Peers: null })
    expect((await asked).ok).toBe(false)
  })
})

/** Local and far ends of all sockets of processes that have the repository open. */
function socketsOf(directory: string): readonly string[] {
  const pids = execFileSync('sh', ['-c', 'ls -d /proc/[0-9]*'], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .filter((process) => {
      try {
        return readFileSync(`${process}/environ`, 'utf8').includes(`IPFS_PATH=${directory}\0`)
      } catch {
        return false
      }
    })
    .map((process) => process.slice('/proc/'.length))
  return execFileSync('ss', ['-Htunap'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => pids.some((pid) => line.includes(`pid=${pid},`)))
    .flatMap((line) => line.split(/\s+/).slice(4, 6))
    .filter((address) => address !== '0.0.0.0:*')
}
