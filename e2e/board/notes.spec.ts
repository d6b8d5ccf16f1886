import { expect, test } from '../fixtures/pages.js'
import { killSharedWorkers } from '../tabs/browser-tabs.js'
import { BoardPage } from './board-page.js'

const LINES = ['First line of the plan, written here before and after its end', 'Second line, written there as well, all the time']

test('two tabs write in the notes of one task at once, see each other, and find it all after a reload', async ({ device }, testInfo) => {
  const board = await BoardPage.open(device)
  const { page } = board
  await page.getByRole('button', { name: /^Board: / }).click()
  await page.getByRole('menuitem', { name: /New team board/ }).click()
  const create = page.getByRole('dialog', { name: 'New team board' })
  await create.getByLabel('Name of the board').fill('Launch')
  await create.getByRole('button', { name: 'Create board' }).click()
  await expect(page.getByRole('dialog', { name: /Share/ })).toBeVisible()
  await page.keyboard.press('Escape')
  await board.add('Plan')
  const other = await device.open()
  await expect(other.getByRole('button', { name: 'Board: Launch' })).toBeVisible()

  const here = await board.openNotes('Plan')
  const there = await new BoardPage(other).openNotes('Plan')
  await expect(page.getByRole('list', { name: 'Also here' }).getByRole('listitem')).toHaveCount(1)
  await expect(other.getByRole('list', { name: 'Also here' }).getByRole('listitem')).toHaveCount(1)

  await here.click()
  await page.keyboard.type('First line')
  await expect(there).toHaveText('First line')
  await there.click()
  await other.keyboard.press('Control+End')
  await other.keyboard.press('Enter')
  await other.keyboard.type('Second line')
  // In sight of both, or two would write at one place, where either order is right.
  await expect(here.locator('p')).toHaveText(['First line', 'Second line'])
  // Both at once: neither's keystrokes go to the other's place.
  await Promise.all([page.keyboard.type(' of the plan, written here'), other.keyboard.type(', written there')])
  for (const notes of [here, there]) {
    await expect(notes.locator('p')).toHaveText(['First line of the plan, written here', 'Second line, written there'])
  }
  // The caret of the other one, by name.
  await expect(page.locator('.ql-cursor')).toHaveCount(1)
  await expect(other.locator('.ql-cursor')).toHaveCount(1)

  // The worker ends without a word in the middle of a sentence.
  const typing = Promise.all([
    page.keyboard.type(' before and after its end', { delay: 25 }),
    other.keyboard.type(' as well, all the time', { delay: 25 }),
  ])
  expect(await killSharedWorkers(device.context)).toBe(1)
  await typing
  for (const notes of [here, there]) await expect(notes.locator('p')).toHaveText(LINES)

  await here.press('Control+a')
  await page.getByRole('button', { name: 'Bold' }).click()
  await expect(there.locator('strong').first()).toBeVisible()
  await page.screenshot({ path: testInfo.outputPath('notes.png') })

  // By keyboard out of the notes: Tab is no letter here.
  await here.press('Tab')
  await expect(here).not.toBeFocused()
  await page.reload()
  await board.ready()
  await expect((await board.openNotes('Plan')).locator('p')).toHaveText(LINES)
  expect(device.problems).toEqual([])
})
