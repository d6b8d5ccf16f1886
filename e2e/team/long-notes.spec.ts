import { preview } from 'vite'
import { hasPrograms } from '../../src/devnet/binaries.js'
import { BoardPage } from '../board/board-page.js'
import { LAST_LINE, LONG_LINES, LONG_TEXT, pasteText } from '../board/long-text.js'
import { withStorage } from '../board/shared-file.js'
import { createBoard, join } from '../board/team-board.js'
import { expect, offer, test } from './devnet.js'

/** Conductors that have just started find each other within seconds, on a busy machine within a minute or two. */
const PATIENCE = { timeout: 150_000 }

test('300,000 letters pasted into notes: kept over reloads, offline too, and on the other device’s board', async ({
  device,
  launchDevice,
  devnet,
}, testInfo) => {
  test.skip(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv', 'ipfs']), 'no conductor or no Kubo on this machine')
  test.setTimeout(480_000)
  const server = await preview({ logLevel: 'silent', preview: { port: 0 } })
  const [url = ''] = server.resolvedUrls?.local ?? []
  const other = await launchDevice()
  await withStorage('kubo', async (storage) => {
    await Promise.all([device, other].map(({ context }) => offer(context, devnet, storage)))
    const ada = new BoardPage(await device.open(url))
    await ada.ready()
    await ada.page.evaluate(async () => {
      await navigator.serviceWorker.ready
    })
    const link = await createBoard(ada.page, { name: 'House' })
    await ada.add('Survey')

    await test.step('taken, and kept when the page goes at once', async () => {
      const notes = await ada.openNotes('Survey')
      await notes.click()
      await ada.page.keyboard.type('Read: ')
      await pasteText(ada.page, LONG_TEXT)
      await expect(notes.locator('p')).toHaveCount(LONG_LINES)
      await ada.page.reload()
      await ada.ready()
      const again = await ada.openNotes('Survey')
      await expect(again.locator('p')).toHaveCount(LONG_LINES)
      await expect(again.locator('p').last()).toHaveText(LAST_LINE)
      await again.click()
      await ada.page.keyboard.press('Control+End')
      await ada.page.keyboard.type(' twice')
      await ada.page.screenshot({ path: testInfo.outputPath('pasted.png') })
    })

    const ben = await join(other, link)
    await test.step('comes to the other device, which writes on', async () => {
      await expect(ben.card('Survey')).toBeVisible(PATIENCE)
      const notes = await ben.openNotes('Survey')
      await expect(notes.locator('p')).toHaveCount(LONG_LINES, PATIENCE)
      await expect(notes.locator('p').first()).toHaveText(`Read: ${LONG_TEXT.slice(0, 99)}`)
      await expect(notes.locator('p').last()).toHaveText(`${LAST_LINE} twice`, PATIENCE)
      await notes.click()
      await ben.page.keyboard.press('Control+Home')
      await ben.page.keyboard.type('Ben has ')
      await ben.page.screenshot({ path: testInfo.outputPath('received.png') })
      const here = ada.sheet().getByRole('textbox', { name: 'Notes' })
      await expect(here.locator('p').first()).toHaveText(/^Ben has Read: 0 /, PATIENCE)
    })

    await server.close()
    for (const conductor of devnet.devices()) await devnet.offline(conductor)
    await other.close()
  })
  // Its storage, its conductor, the other device and the app's server are gone: all of it is on the device.
  const [page] = device.context.pages()
  if (page === undefined) throw new Error('The device has no page.')
  await page.reload()
  const board = new BoardPage(page)
  await board.ready()
  const notes = await board.openNotes('Survey')
  await expect(notes.locator('p')).toHaveCount(LONG_LINES)
  await expect(notes.locator('p').first()).toHaveText(/^Ben has Read: 0 /)
  await expect(notes.locator('p').last()).toHaveText(`${LAST_LINE} twice`)
  await page.screenshot({ path: testInfo.outputPath('offline.png') })
  // A connection that is refused leaves its line in the browser's console.
  expect([...device.problems, ...other.problems].filter((problem) => !/WebSocket|ERR_CONNECTION_REFUSED/.test(problem))).toEqual([])
})
