import { expect, test } from '../fixtures/pages.js'
import { BoardPage } from './board-page.js'

test('by keyboard alone: add, move the focus, open, edit, move, search, undo, delete', async ({ device }) => {
  const board = await BoardPage.open(device)
  const { keyboard } = board.page
  await keyboard.press('n')
  for (const title of ['Third', 'Second', 'First']) {
    await keyboard.type(title)
    await keyboard.press('Enter')
    await expect(board.card(title)).toBeVisible()
  }
  await keyboard.press('Escape')
  await expect(board.card('First')).toBeFocused()

  await test.step('arrows move the focus', async () => {
    await keyboard.press('ArrowDown')
    await expect(board.card('Second')).toBeFocused()
    await keyboard.press('End')
    await expect(board.card('Third')).toBeFocused()
    await keyboard.press('Home')
    await expect(board.card('First')).toBeFocused()
  })

  await test.step('Alt and arrows move the card, said aloud', async () => {
    await keyboard.press('Alt+ArrowDown')
    await board.expectTitles('To do', ['Second', 'First', 'Third'])
    await expect(board.spoken()).toHaveText('First moved to To do, position 2 of 3')
    await keyboard.press('Alt+ArrowRight')
    await board.expectTitles('In progress', ['First'])
    await expect(board.card('First')).toBeFocused()
    await keyboard.press('ArrowLeft')
    await expect(board.card('Second')).toBeFocused()
  })

  await test.step('Space picks up, arrows choose, Space drops, Escape puts back', async () => {
    await keyboard.press('Space')
    await keyboard.press('ArrowRight')
    await expect(board.spoken()).toHaveText('In progress, position 1')
    await keyboard.press('ArrowDown')
    await keyboard.press('Space')
    await board.expectTitles('In progress', ['First', 'Second'])
    await keyboard.press('Space')
    await keyboard.press('ArrowRight')
    await keyboard.press('Escape')
    await board.expectTitles('In progress', ['First', 'Second'])
    await expect(board.card('Second')).toBeFocused()
  })

  await test.step('Enter opens, Escape saves and closes', async () => {
    await keyboard.press('Enter')
    await expect(board.sheet().getByRole('textbox', { name: 'Title' })).toBeFocused()
    await keyboard.press('End')
    await keyboard.type(' one')
    await keyboard.press('Escape')
    await expect(board.card('Second one')).toBeFocused()
  })

  await test.step('undo goes back step by step', async () => {
    await keyboard.press('ControlOrMeta+z')
    await expect(board.card('Second')).toBeVisible()
    await keyboard.press('ControlOrMeta+z')
    await board.expectTitles('In progress', ['First'])
  })

  await test.step('search, then back to the cards', async () => {
    await keyboard.press('/')
    await keyboard.type('thi')
    await expect(board.card('First')).toBeHidden()
    await keyboard.press('ArrowDown')
    await expect(board.card('Third')).toBeFocused()
    await keyboard.press('Escape')
    await expect(board.card('First')).toBeVisible()
  })

  await test.step('Delete removes, and the list of keys opens', async () => {
    await keyboard.press('Delete')
    await expect(board.card('Third')).toBeHidden()
    await expect(board.page.getByText('Deleted “Third”')).toBeVisible()
    await keyboard.press('?')
    await expect(board.page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
    await keyboard.press('Escape')
    await expect(board.page.getByRole('dialog', { name: 'Keyboard' })).toBeHidden()
  })
  expect(device.problems).toEqual([])
})

test('nothing left to undo is said calmly', async ({ device }) => {
  const board = await BoardPage.open(device)
  await board.page.keyboard.press('ControlOrMeta+z')
  await expect(board.page.getByRole('list', { name: 'Notices' })).toContainText('Nothing left to undo on this board')
})

test('no letter is lost when one types at once', async ({ device }) => {
  const board = await BoardPage.open(device)
  await board.page.keyboard.type('nName at once')
  await board.page.keyboard.press('Enter')
  await expect(board.card('Name at once')).toBeVisible()
})
