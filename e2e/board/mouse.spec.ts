import { expect, test } from '../fixtures/pages.js'
import { BoardPage } from './board-page.js'

test('by mouse: add, open, edit, drag, search, delete and undo', async ({ device }) => {
  const board = await BoardPage.open(device)
  const { page } = board
  await expect(board.emptyState()).toBeVisible()
  await page.getByRole('button', { name: 'Add the first task' }).click()
  await page.getByRole('textbox', { name: 'New task in To do' }).fill('Write the plan')
  await page.keyboard.press('Enter')
  await expect(board.card('Write the plan')).toBeVisible()
  await page.keyboard.press('Escape')
  await board.add('Book the room', 'Call Ada')
  await board.expectTitles('To do', ['Call Ada', 'Book the room', 'Write the plan'])

  await test.step('edit in the sheet', async () => {
    await board.card('Book the room').click()
    const sheet = board.sheet()
    await sheet.getByRole('textbox', { name: 'Title' }).fill('Book the large room')
    await sheet.getByRole('textbox', { name: 'Notes' }).fill('For twelve people.\nWith a screen.')
    await sheet.getByLabel('Assignee').fill('Ada Lovelace')
    await sheet.getByLabel('Due date', { exact: true }).fill('2031-05-17')
    await sheet.getByRole('radio', { name: 'In progress' }).check()
    await sheet.getByRole('button', { name: 'Close task' }).click()
    await expect(sheet).toBeHidden()
    await board.expectTitles('In progress', ['Book the large room'])
    await expect(board.card('Book the large room')).toHaveAccessibleName(/due .*2031, Ada Lovelace/)
  })

  await test.step('drag to another column and within one', async () => {
    await board.drag('Write the plan', board.card('Book the large room'), 'lower')
    await board.expectTitles('In progress', ['Book the large room', 'Write the plan'])
    await expect(board.spoken()).toHaveText('Write the plan moved to In progress, position 2 of 2')
    await board.drag('Write the plan', board.card('Book the large room'), 'upper')
    await board.expectTitles('In progress', ['Write the plan', 'Book the large room'])
    await board.drag('Call Ada', board.column('Done'))
    await board.expectTitles('Done', ['Call Ada'])
    await expect(board.sheet()).toBeHidden()
  })

  await test.step('search as one types', async () => {
    await page.getByRole('searchbox', { name: 'Search tasks' }).fill('LOVELACE screen')
    await board.expectTitles('In progress', ['Book the large room'])
    await expect(board.card('Call Ada')).toBeHidden()
    await page.getByRole('searchbox', { name: 'Search tasks' }).fill('nothing like it')
    await expect(page.getByText('No task matches “nothing like it”.')).toBeVisible()
    await page.getByRole('searchbox', { name: 'Search tasks' }).fill('')
    await expect(board.card('Call Ada')).toBeVisible()
  })

  await test.step('delete, and take it back', async () => {
    await board.card('Call Ada').click()
    await board.sheet().getByRole('button', { name: 'Delete task' }).click()
    await expect(board.card('Call Ada')).toBeHidden()
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await board.expectTitles('Done', ['Call Ada'])
  })
  expect(device.problems).toEqual([])
})
