import { expect } from '@playwright/test'
import type { Page } from '@playwright/test'
import type { Device } from '../fixtures/pages.js'
import { BoardPage } from './board-page.js'

export interface TeamBoard {
  readonly name: string
  /** What the one who makes it is called on it; default: nothing is filled in. */
  readonly as?: string
  /** Whether every change is ordered. */
  readonly ordered?: boolean
}

/** Makes a team board and gives the link of its invite. */
export async function createBoard(page: Page, { name, as, ordered = false }: TeamBoard): Promise<string> {
  await page.getByRole('button', { name: /^Board: / }).click()
  await page.getByRole('menuitem', { name: /New team board/ }).click()
  const create = page.getByRole('dialog', { name: 'New team board' })
  await create.getByLabel('Name of the board').fill(name)
  if (as !== undefined) await create.getByLabel('Your name on it').fill(as)
  if (ordered) await create.getByLabel(/one order for all/).check()
  await create.getByRole('button', { name: 'Create board' }).click()
  const field = page.getByRole('dialog', { name: /Share/ }).getByRole('textbox')
  await expect(field).toHaveValue(/#spicetime=/)
  const link = await field.inputValue()
  await page.keyboard.press('Escape')
  return link
}

/** @param as what the one who joins is called on the board; default: nothing is filled in */
export async function join(device: Device, link: string, as?: string): Promise<BoardPage> {
  const page = await device.open(link)
  const dialog = page.getByRole('dialog', { name: 'Join a team board' })
  if (as !== undefined) await dialog.getByLabel('Your name on it').fill(as)
  await dialog.getByRole('button', { name: 'Join board' }).click()
  await expect(dialog).toBeHidden()
  return new BoardPage(page)
}
