import { BoardPage } from './board/board-page.js'
import { expect, test } from './fixtures/pages.js'

// Drawn anew only on request: `SPICETIME_PICTURES=1 npx playwright test e2e/pictures.spec.ts`.
test.skip(process.env['SPICETIME_PICTURES'] === undefined, 'only when SPICETIME_PICTURES is set')

const DAY = 86_400_000
const day = (offset: number): string => new Date(Date.now() + offset * DAY).toISOString().slice(0, 10)

function tasks(): string {
  const rows = [
    ['Decide what the beta promises', 'todo', 'Ada Lovelace', day(1), 'Three promises at most, each with a test.'],
    ['Write the release notes for 0.4', 'todo', 'Grace Hopper', day(4), ''],
    ['Ask the two pilot teams for a call', 'todo', 'Ada Lovelace', day(-2), 'Acme and Northwind.'],
    ['Measure the first paint on a slow phone', 'todo', 'Linus Berg', '', ''],
    ['Renew the signing certificate', 'todo', 'Ada Lovelace', day(11), 'It ends on the 12th.'],
    ['Sketch the settings page', 'todo', '', '', ''],
    ['Move the docs to the new theme', 'doing', 'Grace Hopper', day(0), 'Half of the guides are done.'],
    ['Rename a board from the switcher, without opening the share dialog first', 'doing', 'Linus Berg', day(8), ''],
    ['Explain queued changes in the header', 'doing', 'Ada Lovelace', '', ''],
    ['Keep the focus on a card after it moved', 'done', 'Linus Berg', day(-5), ''],
    ['Import from Jira and Trello', 'done', 'Grace Hopper', day(-4), 'CSV and JSON.'],
    ['Dark theme', 'done', 'Ada Lovelace', '', ''],
    ['Undo a delete from its notice', 'done', 'Linus Berg', day(-3), ''],
  ]
  const quoted = rows.map((row) => row.map((cell) => `"${cell}"`).join(','))
  return ['title,status,assignee,due,notes', ...quoted].join('\n')
}

test('the board with the panel beside it', async ({ device }) => {
  const board = await BoardPage.open(device)
  const { page } = board
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.getByRole('button', { name: 'Import CSV or JSON' }).click()
  const dialog = page.getByRole('dialog', { name: /^Import into/ })
  await dialog.getByRole('textbox').fill(tasks())
  await dialog.getByRole('button', { name: 'Read pasted text' }).click()
  await dialog.getByRole('button', { name: 'Import 13 tasks' }).click()
  await expect(dialog.getByText('13 tasks imported.')).toBeVisible()
  await page.keyboard.press('Escape')
  await board.card('Write the release notes for 0.4').focus()
  await page.keyboard.press('Alt+ArrowRight')
  await expect(board.column('In progress')).toHaveAccessibleName('In progress, 4 tasks')
  await page.getByRole('tab', { name: 'Events' }).click()
  await expect(page.getByRole('tab', { name: 'Events' })).toHaveAttribute('aria-selected', 'true')
  await expect(page.getByText('patch').first()).toBeVisible()
  await page.mouse.move(0, 0)
  await page.screenshot({ path: 'docs/pictures/board.png' })
})
