import { preview } from 'vite'
import { BoardPage } from '../board/board-page.js'
import { expect, test } from '../fixtures/pages.js'

test('the app, its worker included, opens and works with its server gone', async ({ device }) => {
  const server = await preview({ logLevel: 'silent', preview: { port: 0 } })
  const url = server.resolvedUrls?.local[0] ?? ''
  const page = await device.open(url)
  const board = new BoardPage(page)
  await board.ready()
  await board.add('Made online')
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
  })
  await server.close()
  await expect(fetch(url)).rejects.toThrow()

  await page.reload()
  await board.ready()
  expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true)
  await board.expectTitles('To do', ['Made online'])
  await board.add('Made offline')

  // A tab opened offline, and the first one read again: both from the service worker's cache and the runtime's own storage.
  const second = new BoardPage(await device.context.newPage())
  await second.page.goto(url)
  await second.ready()
  await second.expectTitles('To do', ['Made offline', 'Made online'])
  await page.reload()
  await board.expectTitles('To do', ['Made offline', 'Made online'])
  expect(device.problems).toEqual([])
})
