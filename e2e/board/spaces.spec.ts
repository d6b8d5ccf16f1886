import { expect, test } from '../fixtures/pages.js'
import { BoardPage } from './board-page.js'

test('a team board: made, shared by a link, joined from it, and calm about a network that is not there', async ({
  device,
  launchDevice,
}) => {
  const board = await BoardPage.open(device)
  const { page } = board
  await board.add('Only here')
  await page.getByRole('button', { name: /^Board: / }).click()
  await page.getByRole('menuitem', { name: /New team board/ }).click()
  const create = page.getByRole('dialog', { name: 'New team board' })
  await create.getByLabel('Name of the board').fill('Launch')
  await create.getByRole('button', { name: 'Create board' }).click()

  const share = page.getByRole('dialog', { name: /Share/ })
  await expect(share).toContainText(/anyone|whoever/i)
  await expect(share.getByRole('textbox')).toHaveValue(/^http:\/\/127\.0\.0\.1:\d+\/.*#spicetime=/)
  const link = await share.getByRole('textbox').inputValue()
  await page.keyboard.press('Escape')

  await expect(board.card('Only here')).toBeHidden()
  await board.add('For the team')
  await expect(page.getByRole('button', { name: /^Team network: Not connected · \d+ waiting/ })).toBeVisible()

  const other = await launchDevice()
  const there = await other.open(link)
  const join = there.getByRole('dialog', { name: 'Join a team board' })
  await join.getByRole('button', { name: 'Join board' }).click()
  await expect(join).toBeHidden()
  await expect(there.getByRole('button', { name: 'Board: Launch' })).toBeVisible()
  await expect(there).not.toHaveURL(/spicetime=/)

  await page.reload()
  await expect(board.card('For the team')).toBeVisible()
  await page.getByRole('button', { name: /^Board: / }).click()
  await page.getByRole('menuitemradio', { name: 'This device only' }).click()
  await expect(board.card('Only here')).toBeVisible()
  expect([...device.problems, ...other.problems]).toEqual([])
})

test('an invite that is cut off is refused with a reason', async ({ device }) => {
  const page = await device.open('./#spicetime=AAAA')
  const join = page.getByRole('dialog', { name: 'Join a team board' })
  await join.getByRole('button', { name: 'Join board' }).click()
  await expect(join.getByRole('alert')).toContainText('INVITE_MALFORMED')
})
