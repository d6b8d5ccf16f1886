import type { Locator, Page } from '@playwright/test'
import type { Device } from '../fixtures/pages.js'
import { expect, test } from '../fixtures/pages.js'
import { BoardPage } from './board-page.js'
import { LONG_TEXT, pasteText } from './long-text.js'
import { createBoard } from './team-board.js'

/** A task of a team's board, with the caret in its empty notes. */
async function openPlan(device: Device): Promise<{ readonly board: BoardPage; readonly page: Page; readonly notes: Locator }> {
  const board = await BoardPage.open(device)
  const { page } = board
  await createBoard(page, { name: 'Launch' })
  await board.add('Plan')
  const notes = await board.openNotes('Plan')
  await notes.click()
  return { board, page, notes }
}

test('300,000 letters pasted where no network keeps content: refused with what to do, and the notes go on', async ({
  device,
}, testInfo) => {
  const { board, page, notes } = await openPlan(device)
  await page.keyboard.type('Written before. ')
  await page.keyboard.press('Control+b')
  await page.keyboard.type('In bold')
  await expect(notes.locator('strong')).toHaveText('In bold')
  // More than notes take anywhere is not begun.
  await pasteText(page, 'x'.repeat(320_001))
  await expect(page.getByText('Notes take at most 320,000 characters.')).toBeVisible()
  await pasteText(page, LONG_TEXT)
  const notice = page.getByRole('alert')
  await expect(notice).toContainText('Paste it in parts, or add it as a file. EVENT_TOO_LARGE')
  await page.screenshot({ path: testInfo.outputPath('refused.png') })
  await expect(notes.locator('p')).toHaveText(['Written before. In bold'])
  await expect(notes.locator('strong')).toHaveText('In bold')
  await expect(notice.locator('code')).toHaveAttribute('title', /network that keeps content/)
  await expect(notes).toBeFocused()
  await page.keyboard.type(' and after')
  await page.screenshot({ path: testInfo.outputPath('after.png') })
  await page.reload()
  await board.ready()
  await expect((await board.openNotes('Plan')).locator('p')).toHaveText(['Written before. In bold and after'])
  expect(device.problems).toEqual([])
})

test('what was pasted and can not be kept is told of, though the notes are left at once', async ({ device }) => {
  const { board, page, notes } = await openPlan(device)
  await page.keyboard.type('Written before.')
  await notes.evaluate((editor) => {
    new MutationObserver((_changes, observer) => {
      if ((editor.textContent?.length ?? 0) < 250_000) return
      observer.disconnect()
      document.querySelector<HTMLButtonElement>('[role=dialog] button[aria-label^=Close]')?.click()
    }).observe(editor, { childList: true, subtree: true, characterData: true })
  })
  await pasteText(page, LONG_TEXT)
  await expect(board.sheet()).toBeHidden()
  await expect(page.getByRole('alert')).toContainText('EVENT_TOO_LARGE')
  await expect((await board.openNotes('Plan')).locator('p')).toHaveText(['Written before.'])
  expect(device.problems).toEqual([])
})
