import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { preview } from 'vite'
import { BoardPage } from '../board/board-page.js'
import { expect, test } from '../fixtures/pages.js'

/** One red pixel. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64')
const NAME = 'Übung 🌶️.png'

test('files of a task: added, looked at, saved, served in ranges and never as code, offline too, removed', async ({ device }) => {
  const server = await preview({ logLevel: 'silent', preview: { port: 0 } })
  const page = await device.open(server.resolvedUrls?.local[0] ?? '')
  const board = new BoardPage(page)
  await board.ready()
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
  })
  await board.add('With a picture')
  await board.card('With a picture').click()
  const long = Buffer.alloc(600_000, 'spice')
  await board
    .sheet()
    .getByLabel('Files to add')
    .setInputFiles([
      { name: NAME, mimeType: 'image/png', buffer: PNG },
      { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<script>top.hurt = true</script>') },
      { name: 'long.bin', mimeType: 'video/mp4', buffer: long },
    ])
  await expect(board.sheet().getByRole('link')).toHaveText(['long.bin', 'page.html', NAME])
  await expect.poll(() => widthOfPicture(page)).toBe(1)
  await saves(page, NAME, PNG)

  const urls = await board
    .sheet()
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => (link instanceof HTMLAnchorElement ? link.href : '')))
  const [video = '', html = ''] = urls
  expect(await ask(page, html)).toMatchObject({ status: 200, type: 'application/octet-stream', sniff: 'nosniff' })
  expect(await runsAsScript(page, html)).toBe(false)
  expect(await ask(page, video, 'bytes=-5')).toMatchObject({ status: 206, range: 'bytes 599995-599999/600000', text: 'spice' })
  expect(await ask(page, video, 'bytes=262126-262133')).toMatchObject({ status: 206, text: long.subarray(262_126, 262_134).toString() })
  expect(await ask(page, video, 'bytes=600000-')).toMatchObject({ status: 416, range: 'bytes */600000' })
  expect(await ask(page, new URL('spicetime/file/me/tasks/none/files/none', page.url()).href)).toMatchObject({ status: 404 })

  await server.close()
  await page.reload()
  await board.ready()
  await board.card('With a picture').click()
  await expect.poll(() => widthOfPicture(page)).toBe(1)
  await saves(page, 'long.bin', long)
  await board.sheet().getByRole('listitem').filter({ hasText: NAME }).getByRole('button', { name: 'About' }).click()
  await expect(board.sheet().getByRole('listitem').filter({ hasText: NAME })).toContainText('On this device')
  await board.sheet().getByRole('button', { name: 'Remove page.html' }).click()
  await expect(board.sheet().getByRole('link')).toHaveText(['long.bin', NAME])
  await page.screenshot({ path: 'test-results/files-light.png' })
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.screenshot({ path: 'test-results/files-dark.png' })
})

function widthOfPicture(page: Page): Promise<number> {
  return page
    .locator('img.file-picture')
    .first()
    .evaluate((image) => (image instanceof HTMLImageElement ? image.naturalWidth : -1))
}

async function saves(page: Page, name: string, content: Buffer): Promise<void> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()])
  expect(download.suggestedFilename()).toBe(name)
  expect(Buffer.compare(await readFile(await download.path()), content)).toBe(0)
}

interface Served {
  readonly status: number
  readonly type: string | null
  readonly sniff: string | null
  readonly range: string | null
  readonly text: string
}

function ask(page: Page, url: string, range?: string): Promise<Served> {
  return page.evaluate(
    async ([to, header]) => {
      const response = await fetch(to ?? '', header === undefined ? {} : { headers: { Range: header } })
      const { headers, status } = response
      return {
        status,
        type: headers.get('Content-Type'),
        sniff: headers.get('X-Content-Type-Options'),
        range: headers.get('Content-Range'),
        text: await response.text(),
      }
    },
    [url, range],
  )
}

function runsAsScript(page: Page, url: string): Promise<boolean> {
  return page.evaluate(
    (src) =>
      new Promise((resolve) => {
        const script = document.createElement('script')
        script.onload = () => resolve(true)
        script.onerror = () => resolve(false)
        script.src = src
        document.head.append(script)
      }),
    url,
  )
}
