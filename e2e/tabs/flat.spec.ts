import type { CDPSession } from '@playwright/test'
import { openTab, reported } from './browser-tabs.js'
import { expect, test } from './build-app.js'

const OPENS = 1050
/**
 * Opened before the first measure: what code and caches take once. The last 500 to 1,000 diagnostics are kept, one for each tab that went: they
 * are as many after this number and after all.
 */
const WARM = 550
/** Bytes that the heap may differ by: some 4 for each tab were measured. One session that is left behind for each would take several times as much. */
const NOISE = 100_000

/** Runs a command in the SharedWorker, which has no session of Playwright's. */
async function inWorker(session: CDPSession, commands: readonly { readonly method: string }[]): Promise<unknown> {
  const { targetInfos } = await session.send('Target.getTargets')
  const worker = targetInfos.find(({ type }) => type === 'shared_worker')
  if (worker === undefined) throw new Error('There is no SharedWorker.')
  const { sessionId } = await session.send('Target.attachToTarget', { targetId: worker.targetId, flatten: false })
  let last: unknown
  for (const [id, { method }] of commands.entries()) {
    const answer = new Promise<unknown>((resolve) => {
      const listen = (event: { readonly sessionId: string; readonly message: string }): void => {
        const message = JSON.parse(event.message) as { readonly id?: number; readonly result?: unknown }
        if (event.sessionId !== sessionId || message.id !== id) return
        session.off('Target.receivedMessageFromTarget', listen)
        resolve(message.result)
      }
      session.on('Target.receivedMessageFromTarget', listen)
    })
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) })
    last = await answer
  }
  await session.send('Target.detachFromTarget', { sessionId })
  return last
}

async function workerHeap(session: CDPSession): Promise<number> {
  const collect = { method: 'HeapProfiler.collectGarbage' }
  const usage = await inWorker(session, [collect, collect, { method: 'Runtime.getHeapUsage' }])
  return (usage as { readonly usedSize: number }).usedSize
}

test(`${OPENS} tabs opened and closed leave ports, watches and heap of the worker flat`, async ({ device, app }) => {
  test.setTimeout(240_000)
  const page = await openTab(device.context, app.current)
  await page.evaluate(() => globalThis.tab.probe())
  const { generation } = await reported(page, 'connected')
  const session = await device.context.newCDPSession(page)
  const browser = device.context.browser()
  const debug = browser === null ? session : await browser.newBrowserCDPSession()
  const open = (): Promise<{ readonly clients: number; readonly streams: number }> =>
    page.evaluate((asked) => globalThis.tab.hostOpen(asked), generation)
  const flat = { clients: 1, streams: 0 }

  await page.evaluate((count) => globalThis.tab.openAndClose(count, 10), WARM)
  await expect.poll(open).toEqual(flat)
  const before = await workerHeap(debug)
  await page.evaluate((count) => globalThis.tab.openAndClose(count, 10), OPENS - WARM)
  await expect.poll(open).toEqual(flat)
  const after = await workerHeap(debug)
  process.stdout.write(`heap of the worker: ${before} bytes, after ${OPENS - WARM} tabs more ${after} bytes\n`)
  expect(after - before).toBeLessThan(NOISE)
  expect((await reported(page, 'connected')).generation).toBe(generation)
})
