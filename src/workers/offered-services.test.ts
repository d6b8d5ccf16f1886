import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import type { RuntimeClient } from '../runtime/runtime-client.js'
import { StandInWorld, until } from './test/stand-in-world.js'

let world: StandInWorld
beforeEach(() => {
  world = new StandInWorld()
})
afterEach(() => world.close())

const { signal: never } = new AbortController()

async function page(): Promise<RuntimeClient> {
  return (await world.page()).client
}

function ask(request: unknown, signal: AbortSignal = never): Promise<unknown> {
  return world.runtime.pages.ask('wallet', request, { signal })
}

const offered = (): Promise<void> => until(() => expect(world.runtime.pages.offered('wallet')).toBe(true))

describe('a service that a page offers', () => {
  test('is asked, with bytes and all, and answers', async () => {
    const client = await page()
    await client.offer('wallet', async (request) => ({ asked: request, bytes: new Uint8Array([1, 2, 3]) }))
    await offered()
    expect(await ask({ sign: new Uint8Array([7]) })).toEqual({ asked: { sign: new Uint8Array([7]) }, bytes: new Uint8Array([1, 2, 3]) })
  })

  test('tells why it could not', async () => {
    const client = await page()
    await client.offer('wallet', () => Promise.reject(new SpiceTimeError('WALLET_DECLINED', 'No.', { address: 'x' })))
    await offered()
    await expect(ask(1)).rejects.toMatchObject({ code: 'WALLET_DECLINED', message: 'No.', context: { address: 'x' } })
  })

  test('that answers what no port can carry says so', async () => {
    const client = await page()
    await client.offer('wallet', async () => () => 'a function')
    await offered()
    await expect(ask(1)).rejects.toThrow(/can't|could not|clone/)
  })

  test('is needed where no page offers it, or the last one withdrew', async () => {
    await expect(ask(1)).rejects.toMatchObject({ code: 'PAGE_NEEDED' })
    const client = await page()
    const withdraw = await client.offer('wallet', async () => 1)
    await offered()
    withdraw()
    await until(() => expect(world.runtime.pages.offered('wallet')).toBe(false))
    await expect(ask(1)).rejects.toMatchObject({ code: 'PAGE_NEEDED' })
  })

  test('goes to another page when the one that was asked goes away', async () => {
    const [first, second] = [await page(), await page()]
    await first.offer('wallet', async () => 'first')
    await offered()
    let asked = false
    await second.offer('wallet', () => {
      asked = true
      return new Promise(() => undefined)
    })
    await until(() => expect(world.worker.open.streams).toBe(2))
    const answer = ask(1)
    await until(() => expect(asked).toBe(true))
    await second.close()
    expect(await answer).toBe('first')
  })

  test('hears that nobody waits any more', async () => {
    const client = await page()
    let heard: AbortSignal | undefined
    await client.offer('wallet', (_request, { signal }) => {
      heard = signal
      return new Promise(() => undefined)
    })
    await offered()
    const controller = new AbortController()
    const answer = ask(1, controller.signal)
    await until(() => expect(heard).toBeDefined())
    controller.abort()
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED' })
    await until(() => expect(heard?.aborted).toBe(true))
  })

  test('can be called off before it is asked', async () => {
    await expect(ask(1, AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

test('an answer that no build of ours gives is refused', async () => {
  await expect(world.runtime.answer({ nothing: true } as never)).rejects.toMatchObject({ code: 'INPUT_MALFORMED' })
})
