import { expect, test } from '../fixtures/pages.js'
import { BoardPage } from './board-page.js'

test('two tabs show each other’s changes, and a reload keeps them', async ({ device }) => {
  const one = await BoardPage.open(device)
  await one.add('From the first')
  const two = new BoardPage(await device.context.newPage())
  await two.page.goto(one.page.url())
  await expect(two.card('From the first')).toBeVisible()
  await two.add('From the second')
  await expect(one.card('From the second')).toBeVisible()
  // A tab in the background draws no frames to drag in.
  await one.page.bringToFront()
  await one.drag('From the first', one.column('Done'))
  await two.expectTitles('Done', ['From the first'])

  await one.page.reload()
  await one.expectTitles('Done', ['From the first'])
  await one.expectTitles('To do', ['From the second'])
  expect(device.problems).toEqual([])
})

test('closing the browser keeps the board', async ({ launchDevice, profile }) => {
  const before = await launchDevice(profile)
  const board = await BoardPage.open(before)
  await board.add('Still there')
  await before.close()
  const again = await BoardPage.open(await launchDevice(profile))
  await expect(again.card('Still there')).toBeVisible()
})
