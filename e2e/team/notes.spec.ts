import { hasPrograms } from '../../src/devnet/binaries.js'
import { BoardPage } from '../board/board-page.js'
import { expect, offer, test } from './devnet.js'
import { createBoard, join } from '../board/team-board.js'

/** Conductors that have just started find each other within seconds, on a busy machine within a minute or two. */
const PATIENCE = { timeout: 150_000 }

test('two devices write in the notes of one task over real conductors, and see each other and each other’s caret', async ({
  device,
  launchDevice,
  devnet,
}) => {
  test.skip(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']), 'no conductor on this machine')
  test.setTimeout(420_000)
  const other = await launchDevice()
  await Promise.all([offer(device.context, devnet), offer(other.context, devnet)])
  const ada = await BoardPage.open(device)
  const link = await createBoard(ada.page, { name: 'House' })
  await ada.add('Plan')
  const ben = await join(other, link)
  await expect(ben.card('Plan')).toBeVisible(PATIENCE)

  const [here, there] = [await ada.openNotes('Plan'), await ben.openNotes('Plan')]
  for (const { page } of [ada, ben])
    await expect(page.getByRole('list', { name: 'Also here' }).getByRole('listitem')).toHaveCount(1, PATIENCE)
  await here.click()
  await ada.page.keyboard.type('Order the timber')
  await expect(there).toHaveText('Order the timber', PATIENCE)
  await there.click()
  await ben.page.keyboard.press('Control+End')
  await ben.page.keyboard.press('Enter')
  await ben.page.keyboard.type('Call the roofer')
  await expect(here.locator('p')).toHaveText(['Order the timber', 'Call the roofer'], PATIENCE)
  for (const { page } of [ada, ben]) await expect(page.locator('.ql-cursor')).toHaveCount(1, PATIENCE)

  // Both at once, each on its own line.
  await Promise.all([ada.page.keyboard.type(' today', { delay: 40 }), ben.page.keyboard.type(' tomorrow', { delay: 40 })])
  for (const notes of [here, there])
    await expect(notes.locator('p')).toHaveText(['Order the timber today', 'Call the roofer tomorrow'], PATIENCE)

  // Who closes the task is no longer here, and what he wrote stays.
  await ben.page.keyboard.press('Escape')
  await expect(ada.page.locator('.ql-cursor')).toHaveCount(0, PATIENCE)
  await expect(here.locator('p')).toHaveText(['Order the timber today', 'Call the roofer tomorrow'])
  expect([...device.problems, ...other.problems]).toEqual([])
})
