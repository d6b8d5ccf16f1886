import { expect, test } from '../fixtures/pages.js'
import { BoardPage } from './board-page.js'

const ROWS = 10_000
const STATES = ['open', 'In Progress', 'closed']

/** Issues as trackers export them; every thousandth row is bad in one way or another. */
function issues(): string {
  const lines = ['Issue key,Summary,Status,Assignee,Due date,Description']
  for (let row = 1; row <= ROWS; row += 1) {
    const title = row % 1000 === 1 ? '' : `"Issue ${row}, with a comma"`
    const due = row % 1000 === 2 ? 'next week' : `2031-0${(row % 9) + 1}-1${row % 10}`
    const state = row % 2500 === 3 ? 'Parking lot' : (STATES[row % 3] ?? '')
    lines.push(`AB-${row},${title},${state},${row % 2 === 0 ? 'Ada' : ''},${due},"What ""${row}"" is about"`)
  }
  return `${lines.join('\r\n')}\r\n`
}

const csv = (text: string): { name: string; mimeType: string; buffer: Buffer } => ({
  name: 'issues.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(text),
})

test('ten thousand rows come in with the bad ones listed, and go out the way they came', async ({ device, launchDevice }) => {
  // Twenty thousand signed events in all; a busy machine takes its time.
  test.setTimeout(240_000)
  const board = await BoardPage.open(device)
  const { page } = board
  await page.getByRole('button', { name: 'Import CSV or JSON' }).click()
  const dialog = page.getByRole('dialog', { name: /^Import into/ })
  await dialog.getByLabel('Choose a CSV or JSON file').setInputFiles(csv(issues()))

  await test.step('columns are guessed, bad rows listed by line', async () => {
    await expect(dialog.getByRole('combobox', { name: 'Title' })).toHaveValue('1')
    await expect(dialog.getByRole('combobox', { name: 'Due date' })).toHaveValue('4')
    await expect(dialog.getByRole('table').getByRole('row')).toHaveCount(6)
    const problems = dialog.getByRole('region', { name: 'Rows with problems' })
    await expect(problems.getByRole('heading')).toHaveText('20 rows left out, 4 rows taken with a change')
    await expect(problems.getByRole('listitem').first()).toHaveText(/^Line 2\s*it has no title$/)
    await expect(problems.getByRole('listitem').nth(1)).toHaveText(/^Line 3\s*the due date can't be read: next week$/)
    await expect(problems).toContainText("the status 'Parking lot' is not known")
  })

  await test.step('the good rows are written with progress', async () => {
    await dialog.getByRole('button', { name: `Import ${(ROWS - 20).toLocaleString('en-US')} tasks` }).click()
    await expect(dialog.getByRole('progressbar')).toBeVisible()
    await expect(dialog.getByText('9,980 tasks imported.')).toBeVisible({ timeout: 90_000 })
    await page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
    await expect(board.column('To do')).toBeVisible()
    const drawn = await page.locator('.card').count()
    expect(drawn).toBeLessThan(120)
  })

  await test.step('the big board still scrolls, searches and moves', async () => {
    await page.getByRole('searchbox', { name: 'Search tasks' }).fill('issue 9998')
    await expect(board.card('Issue 9998')).toBeVisible()
    await page.getByRole('searchbox', { name: 'Search tasks' }).fill('')
    await page.locator('[data-column=todo] [data-scroller]').evaluate((list) => list.scrollTo(0, list.scrollHeight))
    await expect(board.column('To do').getByRole('button', { name: /^Issue 9999/ })).toBeVisible()
  })

  const exported = await board.export('CSV')
  expect(exported.split('\r\n')).toHaveLength(ROWS - 20 + 2)

  await test.step('imported again, every row is known', async () => {
    await board.choose('Import…')
    await dialog.getByLabel('Choose a CSV or JSON file').setInputFiles(csv(exported))
    await expect(dialog.getByRole('checkbox', { name: 'Skip 9,980 tasks that are on this board already' })).toBeChecked()
    await expect(dialog.getByRole('button', { name: 'Nothing to import' })).toBeDisabled()
    await page.keyboard.press('Escape')
  })

  await test.step('on another device the export gives the same board', async () => {
    const other = await BoardPage.open(await launchDevice())
    await other.page.getByRole('button', { name: 'Import CSV or JSON' }).click()
    const there = other.page.getByRole('dialog', { name: /^Import into/ })
    await there.getByLabel('Choose a CSV or JSON file').setInputFiles(csv(exported))
    await there.getByRole('button', { name: 'Import 9,980 tasks' }).click()
    await expect(there.getByText('9,980 tasks imported.')).toBeVisible({ timeout: 90_000 })
    await other.page.keyboard.press('Escape')
    expect(await other.export('CSV')).toBe(exported)
  })
  expect(device.problems).toEqual([])
})

test('JSON can be pasted, and what can’t be read says so', async ({ device }) => {
  const board = await BoardPage.open(device)
  await board.page.getByRole('button', { name: 'Import CSV or JSON' }).click()
  const dialog = board.page.getByRole('dialog', { name: /^Import into/ })
  const paste = dialog.getByRole('textbox')
  await paste.fill('[{"title": ')
  await dialog.getByRole('button', { name: 'Read pasted text' }).click()
  await expect(dialog.getByRole('alert')).toContainText('not well-formed JSON')
  await paste.fill('foo,bar\nOne,Two\n')
  await dialog.getByRole('button', { name: 'Read pasted text' }).click()
  await expect(dialog.getByRole('alert')).toHaveText('Choose the column that holds the titles: every task needs one.')
  await dialog.getByRole('combobox', { name: 'Title' }).selectOption('bar')
  await expect(dialog.getByRole('cell', { name: 'Two' })).toBeVisible()
  await dialog.getByRole('button', { name: 'Back' }).click()
  await paste.fill(JSON.stringify([{ number: 1, title: 'From GitHub', state: 'CLOSED', assignees: [{ login: 'ada' }], body: 'Notes' }]))
  await dialog.getByRole('button', { name: 'Read pasted text' }).click()
  await dialog.getByRole('button', { name: 'Import 1 task' }).click()
  await board.expectTitles('Done', ['From GitHub'])
})
