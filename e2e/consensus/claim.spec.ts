import { BoardPage } from '../board/board-page.js'
import { expect, offer, test } from './devnet.js'
import { createBoard, join } from '../board/team-board.js'

const TASK = 'Fix the roof'

test('two members claim one task at once: the chain decides, both devices agree, and the loser is told', async ({
  device,
  launchDevice,
  devnet,
}) => {
  test.setTimeout(120_000)
  const other = await launchDevice()
  await Promise.all([offer(device.context, devnet), offer(other.context, devnet)])
  const ada = await BoardPage.open(device)
  const link = await createBoard(ada.page, { name: 'Launch', as: 'Ada', ordered: true })
  await ada.add(TASK)
  const ben = await join(other, link, 'Ben')
  await expect(ben.card(TASK)).toBeVisible({ timeout: 30_000 })

  const sheets = await Promise.all([ada, ben].map((board) => openTask(board)))
  await Promise.all(sheets.map((sheet) => sheet.getByRole('button', { name: 'Claim' }).click()))

  // Told for a few seconds only, as soon as the order is known.
  const told = await Promise.any(
    [ada, ben].map(async (board) => {
      const notice = board.page.getByText(`Somebody was faster: “${TASK}” belongs to `)
      await notice.waitFor({ timeout: 30_000 })
      return { board, text: await notice.innerText() }
    }),
  )
  const [first, second] = await Promise.all(sheets.map((sheet) => holderIn(sheet)))
  expect([first, second].filter((name) => name === 'You')).toHaveLength(1)
  const adaWon = first === 'You'
  expect(adaWon ? second : first).toBe(adaWon ? 'Ada' : 'Ben')
  expect(told.board).toBe(adaWon ? ben : ada)
  expect(told.text).toContain(`belongs to ${adaWon ? 'Ada' : 'Ben'}.`)
  await expect(ada.card(TASK)).toHaveAccessibleName(new RegExp(`claimed by ${adaWon ? 'you' : 'Ben'}`))
  await expect(ben.card(TASK)).toHaveAccessibleName(new RegExp(`claimed by ${adaWon ? 'Ada' : 'you'}`))

  await ada.page.getByRole('tab', { name: 'Networks' }).click()
  const solana = ada.page.getByRole('region', { name: 'solana' })
  for (const fact of ['Endpoint', 'Genesis', 'Payer', 'Balance in lamports']) await expect(solana).toContainText(fact)
  await expect(solana).toContainText(devnet.genesisHash())
  expect([...device.problems, ...other.problems]).toEqual([])
})

async function openTask(board: BoardPage): Promise<ReturnType<BoardPage['sheet']>> {
  await board.card(TASK).click()
  const sheet = board.sheet()
  await expect(sheet.getByRole('button', { name: 'Claim' })).toBeVisible()
  return sheet
}

/** Who has the task, once that is decided. */
async function holderIn(sheet: ReturnType<BoardPage['sheet']>): Promise<string> {
  const holder = sheet.locator('.claim-holder:not(.claim-open)')
  await expect(holder).toBeVisible({ timeout: 30_000 })
  return await holder.innerText()
}
