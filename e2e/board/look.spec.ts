import { expect, test } from '../fixtures/pages.js'
import { BoardPage } from './board-page.js'

test('light and dark follow the system, and can be chosen for good', async ({ device }) => {
  const board = await BoardPage.open(device)
  const { page } = board
  const shade = async (): Promise<number> =>
    await page.locator('.board').evaluate((element) => Number(/\d+/.exec(getComputedStyle(element).backgroundColor)?.[0] ?? NaN))
  await page.emulateMedia({ colorScheme: 'light' })
  await expect.poll(shade).toBeGreaterThan(200)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(shade).toBeLessThan(60)
  await board.choose('Light theme')
  await expect.poll(shade).toBeGreaterThan(200)
  await page.reload()
  await board.ready()
  await expect.poll(shade).toBeGreaterThan(200)
})

test('what a screen reader needs is there', async ({ device }) => {
  const board = await BoardPage.open(device)
  const { page } = board
  await board.add('One', 'Two')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Tasks/)
  for (const name of ['To do', 'In progress', 'Done'] as const) {
    await expect(board.column(name).getByRole('heading', { level: 2, name })).toBeVisible()
    await expect(board.column(name).getByRole('button', { name: `New task in ${name}` })).toBeVisible()
  }
  await expect(board.column('To do')).toHaveAccessibleName('To do, 2 tasks')
  await expect(page.locator('[aria-live=polite]')).toHaveText('Added Two to To do')
  const nameless = await page
    .locator('.board')
    .evaluate((root) =>
      [...root.querySelectorAll('button, input, textarea')]
        .filter((field) => field.textContent?.trim() === '' && !field.hasAttribute('aria-label') && field.closest('label') === null)
        .map((field) => field.outerHTML.slice(0, 120)),
    )
  expect(nameless).toEqual([])
})

test('nothing is cut off at 360 pixels', async ({ device }) => {
  const board = await BoardPage.open(device)
  await board.page.setViewportSize({ width: 360, height: 740 })
  await board.add('A card')
  const overflow = await board.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(overflow).toBe(0)
  await board.card('A card').click()
  await expect(board.sheet().getByRole('button', { name: 'Close task' })).toBeInViewport({ ratio: 1 })
})
