import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { expect, it } from 'vitest'
import type { PinRequest, PinService } from '../pin-service.js'

/** A service with nothing pinned, which gets blocks when they are handed over. */
export type SetUp = () => Promise<{ readonly service: PinService }>

/** A bound for a hung test, on machines that are busy. */
const PATIENCE = { timeout: 20_000 }

export async function leaf(text: string, name: string): Promise<PinRequest> {
  const bytes = new TextEncoder().encode(text)
  const cid = CID.createV1(raw.code, await sha256.digest(bytes)).toString()
  return {
    ...{ cid, name, origins: [] },
    async *blocks() {
      yield { cid, bytes }
    },
  }
}

/** What every pin service must do. */
export function pinServiceConformance(setUp: SetUp): void {
  it('pins, says so, pins again, unpins, unpins again', async () => {
    const { service } = await setUp()
    const [one, two] = [await leaf('one', 'a'), await leaf('two', 'a')]
    await service.pin(one)
    await service.pin(one)
    await expect
      .poll(() => service.states([one.cid, two.cid]), PATIENCE)
      .toEqual(
        new Map([
          [one.cid, 'pinned'],
          [two.cid, 'absent'],
        ]),
      )
    await service.unpin(one.cid)
    await service.unpin(one.cid)
    expect(await service.states([one.cid])).toEqual(new Map([[one.cid, 'absent']]))
  })

  it('finds by the whole name alone', async () => {
    const { service } = await setUp()
    const [one, two, other] = [await leaf('one', 'list'), await leaf('two', 'list'), await leaf('three', 'list-2')]
    for (const request of [one, two, other]) await service.pin(request)
    await expect.poll(() => named(service, 'list'), PATIENCE).toEqual([one.cid, two.cid].toSorted())
    expect(await named(service, 'lis')).toEqual([])
  })

  it('says how many stand at once', async () => {
    const { service } = await setUp()
    const requests = await Promise.all(Array.from({ length: 50 }, (_, at) => leaf(`leaf ${at}`, 'many')))
    for (const request of requests.slice(1)) await service.pin(request)
    const wanted = new Map(requests.map(({ cid }, at) => [cid, at === 0 ? 'absent' : 'pinned']))
    await expect.poll(() => service.states(requests.map(({ cid }) => cid)), PATIENCE).toEqual(wanted)
  })

  it('a call that is called off says so', async () => {
    const { service } = await setUp()
    const signal = AbortSignal.abort()
    await expect(service.pin(await leaf('one', 'a'), { signal })).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(service.states([(await leaf('one', 'a')).cid], { signal })).rejects.toMatchObject({ code: 'ABORTED' })
  })
}

async function named(service: PinService, name: string): Promise<readonly string[]> {
  const found: string[] = []
  for await (const cid of service.named(name)) found.push(cid)
  return found.toSorted()
}
