import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startSolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import type { SolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import { START_CURSOR } from '../../model/cursor.js'
import { EventFactory } from '../../testing/event-factory.js'
import type { NetworkProvider } from '../provider.js'
import { createSolanaProvider } from './solana-provider.js'
import type { OpenSocket } from './subscriptions.js'
import { hurriedPlatform } from './test/hurried-platform.js'
import { deviceInMemory } from './test/peer-harness.js'

let devnet: SolanaDevnet
let listener: NetworkProvider
let sender: NetworkProvider
let news: number

/** As a browser's, which Node has from version 22 on. */
const open = ((url: string) => new WebSocket(url)) as unknown as OpenSocket

beforeEach(async () => {
  devnet = await startSolanaDevnet({ slotMilliseconds: 50, finalityDepth: 8 })
  news = 0
  // Two devices of one member: the same space, with the same secret.
  const parts = deviceInMemory()
  listener = createSolanaProvider(parts, { socket: open })
  sender = createSolanaProvider({ ...deviceInMemory(), spaces: parts.spaces }, {})
  listener.onNews(() => news++)
})
afterEach(async () => {
  await Promise.all([listener.stop(), sender.stop()])
  await devnet.close()
})

async function start(): Promise<void> {
  const settings = { cluster: devnet.url, websocket: devnet.websocketUrl }
  await Promise.all([listener, sender].map((provider) => provider.start({ platform: hurriedPlatform, settings })))
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 400; looks++) {
    if (await condition()) return
    await new Promise((resolve) => hurriedPlatform.after(500, () => resolve(undefined)))
  }
  throw new Error('it did not come to hold')
}

async function send(): Promise<void> {
  await sender.submitEvent(await (await EventFactory.create()).event({ needs: ['consensus'] }))
}

async function pulled(): Promise<number> {
  let count = 0
  for await (const { events } of listener.syncUpdates(START_CURSOR)) count += events.length
  return count
}

test('a transaction of another device is heard of without a pull', async () => {
  await start()
  await until(() => listener.facts()['subscriptions'] === 'listening')
  const before = news
  await send()
  await until(() => news > before)
  await until(async () => (await pulled()) === 1)
  expect(await pulled()).toBe(1)
})

test('a dead websocket keeps nothing from coming, and is opened again', async () => {
  devnet.set({ websocket: 'refused' })
  await start()
  expect(listener.status().state).toBe('connected')
  expect(listener.facts()['subscriptions']).toBe('trying to connect')
  await send()
  await until(async () => (await pulled()) === 1)
  devnet.set({ websocket: 'normal' })
  await until(() => listener.facts()['subscriptions'] === 'listening')
  const before = news
  await send()
  await until(() => news > before)
  expect(listener.status().state).toBe('connected')
})

test('one that accepts and says nothing is given up and opened again', async () => {
  devnet.set({ websocket: 'silent' })
  await start()
  await until(() => listener.facts()['subscriptions'] === 'listening')
  await send()
  await until(async () => (await pulled()) === 1)
  await until(() => listener.facts()['subscriptions'] === 'trying to connect')
  devnet.set({ websocket: 'normal' })
  await until(() => listener.facts()['subscriptions'] === 'listening')
  const before = news
  await send()
  await until(() => news > before)
  expect(news).toBeGreaterThan(before)
})
