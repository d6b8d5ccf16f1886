import { expect } from '@playwright/test'
import type { Locator, Page } from '@playwright/test'
import { BoardPage } from '../board/board-page.js'
import type { Device } from '../fixtures/pages.js'

export type ViewName = 'State' | 'Events' | 'Trace' | 'Networks' | 'Storage' | 'Diagnostics'

/** The devtools panel beside the board, by roles and labels alone. */
export class PanelPage {
  readonly board: BoardPage

  constructor(readonly page: Page) {
    this.board = new BoardPage(page)
  }

  /** Opens the app in a window of this width, and waits for the board. */
  static async open(device: Device, width = 1280): Promise<PanelPage> {
    const page = await device.open()
    await page.setViewportSize({ width, height: 800 })
    const panel = new PanelPage(page)
    await panel.board.ready()
    return panel
  }

  async show(view: ViewName): Promise<Locator> {
    await this.tab(view).click()
    return this.view()
  }

  tab(view: ViewName): Locator {
    return this.page.getByRole('tab', { name: view })
  }

  view(): Locator {
    return this.page.getByRole('tabpanel')
  }

  opener(): Locator {
    return this.page.getByRole('button', { name: 'Open the runtime panel' })
  }

  closer(): Locator {
    return this.page.getByRole('button', { name: 'Close the panel' })
  }

  event(op: string): Locator {
    return this.view()
      .getByRole('group', { name: 'Events, newest first' })
      .getByRole('button', { name: new RegExp(`^${op}\\b`) })
  }

  row(name: RegExp | string): Locator {
    return this.view().getByRole('treeitem', { name })
  }

  /** The value under a name in a list of facts. */
  fact(name: string, within: Locator = this.view()): Locator {
    return within
      .locator('.fact')
      .filter({ has: this.page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
      .locator('dd')
  }

  async createTeamBoard(name: string): Promise<void> {
    await this.page.getByRole('button', { name: /^Board: / }).click()
    await this.page.getByRole('menuitem', { name: /New team board/ }).click()
    const dialog = this.page.getByRole('dialog', { name: 'New team board' })
    await dialog.getByLabel('Name of the board').fill(name)
    await dialog.getByRole('button', { name: 'Create board' }).click()
    await this.page.getByRole('dialog', { name: /Share/ }).waitFor()
    await this.page.keyboard.press('Escape')
  }

  async expectClosed(): Promise<void> {
    await expect(this.opener()).toBeVisible()
    await expect(this.page.getByRole('tab')).toHaveCount(0)
  }
}
