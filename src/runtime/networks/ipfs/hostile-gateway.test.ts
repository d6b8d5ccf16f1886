import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cidOf, RAW } from './content-id.js'
import { collectBytes, madeBytes, startProvider, testDevice } from './test/device.js'
import type { StartedProvider, TestDevice } from './test/device.js'
import { honest, MISBEHAVIOURS, startHostileGateway } from './test/hostile-gateway.js'
import type { HostileGateway } from './test/hostile-gateway.js'

const DEADLINE = 1000
/** A bound for what never ends, not a budget. */
const PATIENCE = 20_000
const SIZE = 1000
const space = undefined

const closing: (() => void)[] = []
const started: StartedProvider[] = []
let gateway: HostileGateway
let device: TestDevice
let cid: string

beforeEach(async () => {
  gateway = await startHostileGateway(closing)
  device = testDevice()
  cid = (await cidOf(RAW, madeBytes(0, SIZE))).toString()
  gateway.blocks.set(cid, madeBytes(0, SIZE))
})

afterEach(async () => {
  for (const { provider } of started.splice(0)) await provider.stop()
  closing.splice(0).forEach((close) => close())
})

async function read(...gateways: readonly string[]): Promise<Uint8Array> {
  const one = await startProvider(device, { gateways, fetchDeadline: DEADLINE }, { seams: { fetch } })
  started.push(one)
  return await collectBytes(one.content.read(cid, { space, size: SIZE }))
}

const WHY: Readonly<Record<string, readonly [code: string, why: RegExp]>> = {
  'other bytes': ['CONTENT_DAMAGED', /the gateway 127.0.0.1:\d+ gave bytes that are not those of the block/],
  'a part that it says is all': ['CONTENT_DAMAGED', /gave bytes that are not those/],
  'nothing at all': ['CONTENT_DAMAGED', /gave bytes that are not those/],
  'a page': ['CONTENT_DAMAGED', /gave bytes that are not those/],
  'a part of what it announced': ['CONTENT_UNAVAILABLE', /ended in the middle/],
  'no answer': ['CONTENT_UNAVAILABLE', /did not answer within 1 s/],
  'a beginning and then nothing': ['CONTENT_UNAVAILABLE', /did not answer within 1 s/],
  'a byte now and then': ['CONTENT_UNAVAILABLE', /did not answer within 1 s/],
  'bytes without an end': ['CONTENT_DAMAGED', /gave bytes that are not those/],
  'a small body that unpacks to 16 MiB': ['CONTENT_DAMAGED', /gave bytes that are not those/],
  'a hang-up': ['CONTENT_UNAVAILABLE', /can't be reached/],
  'a way elsewhere': ['CONTENT_UNAVAILABLE', /sends elsewhere/],
  'a refusal': ['CONTENT_UNAVAILABLE', /refused \(403\)/],
  'a wish for fewer requests': ['CONTENT_UNAVAILABLE', /asks for fewer requests \(429\)/],
  'a fault of its own': ['CONTENT_UNAVAILABLE', /answered 500/],
  'a no': ['CONTENT_NOT_FOUND', /has not got it/],
}

describe.each(Object.entries(MISBEHAVIOURS))('a gateway that gives %s', (how, behaviour) => {
  it('is refused in time with its reason, leaves nothing behind, and is asked again later', async () => {
    const [code, why] = WHY[how] ?? expect.fail(`no reason is told for ${how}`)
    gateway.behaviour = behaviour
    const since = performance.now()
    const failure: unknown = await read(gateway.url).catch((error: unknown) => error)
    expect(performance.now() - since).toBeLessThan(DEADLINE + PATIENCE)
    expect(failure).toMatchObject({ code, message: expect.stringMatching(why), context: { network: 'ipfs', cid } })
    expect(device.blocks.size).toBe(0)
    // Whoever is given up on is hung up on.
    await expect.poll(() => gateway.open()).toBe(0)
    gateway.behaviour = honest
    expect(await read(gateway.url)).toEqual(madeBytes(0, SIZE))
  })

  it('does not keep an honest one from giving it', async () => {
    const other = await startHostileGateway(closing)
    other.blocks.set(cid, madeBytes(0, SIZE))
    gateway.behaviour = behaviour
    expect(await read(gateway.url, other.url)).toEqual(madeBytes(0, SIZE))
    await expect.poll(() => gateway.open()).toBe(0)
  })
})

it('nobody is asked whom only a gateway names', async () => {
  const other = await startHostileGateway(closing)
  other.blocks.set(cid, madeBytes(0, SIZE))
  gateway.behaviour = (response) => void response.writeHead(301, { location: `${other.url}/ipfs/${cid}?format=raw` }).end()
  await expect(read(gateway.url)).rejects.toMatchObject({
    code: 'CONTENT_UNAVAILABLE',
    message: expect.stringContaining('sends elsewhere'),
  })
  expect(other.asked).toEqual([])
})

it('one that is not there is named with why', async () => {
  closing.splice(0).forEach((close) => close())
  await expect(read(gateway.url)).rejects.toMatchObject({
    code: 'CONTENT_UNAVAILABLE',
    message: expect.stringContaining("can't be reached"),
  })
})
