import { expect } from '@playwright/test'
import type { Page } from '@playwright/test'
import { BoardPage } from '../board/board-page.js'
import type { Device } from '../fixtures/pages.js'

/** Makes a team board whose every change is ordered, as Ada, and gives the link of its invite. */
export async function createOrderedBoard(page: Page): Promise<string> {
  await page.getByRole('button', { name: /^Board: / }).click()
  await page.getByRole('menuitem', { name: /New team board/ }).click()
  const create = page.getByRole('dialog', { name: 'New team board' })
  await create.getByLabel('Name of the board').fill('Launch')
  await create.getByLabel('Your name on it').fill('Ada')
  await create.getByLabel(/one order for all/).check()
  await create.getByRole('button', { name: 'Create board' }).click()
  const field = page.getByRole('dialog', { name: /Share/ }).getByRole('textbox')
  await expect(field).toHaveValue(/#spicetime=/)
  const link = await field.inputValue()
  await page.keyboard.press('Escape')
  return link
}

/** As Ben. */
export async function join(device: Device, link: string): Promise<BoardPage> {
  const page = await device.open(link)
  const dialog = page.getByRole('dialog', { name: 'Join a team board' })
  await dialog.getByLabel('Your name on it').fill('Ben')
  await dialog.getByRole('button', { name: 'Join board' }).click()
  await expect(dialog).toBeHidden()
  return new BoardPage(page)
}
