import { hasPrograms } from '../../src/devnet/binaries.js'
import { BoardPage } from '../board/board-page.js'
import { expect, offer, test } from './devnet.js'
import { createBoard, join } from '../board/team-board.js'

/** Conductors that have just started find each other within seconds, on a busy machine within a minute or two. */
const PATIENCE = { timeout: 150_000 }

test('two devices share a board over real conductors, through a killed one', async ({ device, launchDevice, devnet }) => {
  test.skip(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']), 'no conductor on this machine')
  test.setTimeout(420_000)
  const other = await launchDevice()
  await Promise.all([offer(device.context, devnet), offer(other.context, devnet)])
  const ada = await BoardPage.open(device)
  const link = await createBoard(ada.page, { name: 'House' })
  await ada.add('Order the timber')
  const ben = await join(other, link)
  await expect(ben.card('Order the timber')).toBeVisible(PATIENCE)
  await ben.add('Call the roofer')
  await expect(ada.card('Call the roofer')).toBeVisible(PATIENCE)

  // Each edits while its conductor is gone: the board goes on, says so, and nothing is lost or doubled when they are back.
  const [first] = devnet.devices()
  await devnet.kill(first ?? '')
  await ada.add('Written while it was gone')
  await ben.add('Written meanwhile')
  await expect(ben.card('Written while it was gone')).toBeVisible(PATIENCE)
  await expect(ada.card('Written meanwhile')).toBeVisible(PATIENCE)
  const titles = ['Call the roofer', 'Order the timber', 'Written meanwhile', 'Written while it was gone']
  for (const board of [ada, ben]) await expect.poll(async () => (await board.titles('To do')).toSorted(), PATIENCE).toEqual(titles)

  await expect(ada.page.getByRole('button', { name: /^Team network: Connected/ })).toBeVisible(PATIENCE)
  await ada.page.getByRole('tab', { name: 'Networks' }).click()
  const holochain = ada.page.getByRole('region', { name: 'holochain' })
  for (const fact of ['Conductor', 'Members', 'Batches published']) await expect(holochain).toContainText(fact)
  // A connection that was cut leaves its line in the browser's console.
  expect([...device.problems, ...other.problems].filter((problem) => !problem.includes('WebSocket'))).toEqual([])
})
