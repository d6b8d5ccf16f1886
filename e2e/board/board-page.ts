import { expect } from '@playwright/test'
import type { Download, Locator, Page } from '@playwright/test'
import type { Device } from '../fixtures/pages.js'

export type ColumnName = 'To do' | 'In progress' | 'Done'

/** The board as a person meets it: by roles and labels alone. */
export class BoardPage {
  constructor(readonly page: Page) {}

  /** Opens a tab and waits until the board can be used. */
  static async open(device: Device): Promise<BoardPage> {
    const board = new BoardPage(await device.open())
    await board.ready()
    return board
  }

  async ready(): Promise<void> {
    await expect(this.page.getByRole('button', { name: 'New task', exact: true })).toBeVisible()
    await expect(
      this.page.getByRole('group', { name: 'Tasks by status' }).and(this.page.locator('[aria-busy=false]')).or(this.emptyState()),
    ).toBeVisible()
  }

  emptyState(): Locator {
    return this.page.getByRole('heading', { name: 'No tasks yet' })
  }

  column(name: ColumnName): Locator {
    return this.page.getByRole('region', { name: new RegExp(`^${name}, `) })
  }

  card(title: string): Locator {
    return this.page.getByRole('list').getByRole('button', { name: new RegExp(`^${title}(, |$)`) })
  }

  /** Titles in sight, top to bottom. */
  async titles(name: ColumnName): Promise<string[]> {
    return await this.column(name).locator('.card-title').allTextContents()
  }

  async expectTitles(name: ColumnName, titles: readonly string[]): Promise<void> {
    await expect.poll(() => this.titles(name)).toEqual(titles)
  }

  sheet(): Locator {
    return this.page.getByRole('dialog', { name: /^Task: / })
  }

  /** Opens a task and gives its notes. */
  async openNotes(title: string): Promise<Locator> {
    await this.page.getByRole('list').getByRole('button', { name: title }).click()
    const notes = this.page.getByRole('dialog', { name: `Task: ${title}` }).getByRole('textbox', { name: 'Notes' })
    await expect(notes).toBeVisible()
    return notes
  }

  /** Adds tasks to To do from the keyboard; the last one ends up on top. */
  async add(...titles: readonly string[]): Promise<void> {
    await this.page.getByRole('button', { name: 'New task', exact: true }).click()
    const field = this.page.getByRole('textbox', { name: 'New task in To do' })
    for (const title of titles) {
      await field.fill(title)
      await field.press('Enter')
      await expect(this.card(title)).toBeVisible()
    }
    await field.press('Escape')
  }

  /** What the live region last said. */
  spoken(): Locator {
    return this.page.getByTestId('spoken')
  }

  async choose(item: string): Promise<void> {
    await this.page.getByRole('button', { name: 'More', exact: true }).click()
    await this.page
      .getByRole('menuitem', { name: item })
      .or(this.page.getByRole('menuitemradio', { name: item }))
      .click()
  }

  /** The text of the exported file. */
  async export(format: 'CSV' | 'JSON'): Promise<string> {
    const waiting = this.page.waitForEvent('download')
    await this.choose(`Export as ${format}`)
    return await textOf(await waiting)
  }

  /** Drags one card onto the upper or lower half of another, or into an empty column, the way a hand does. */
  async drag(title: string, to: Locator, half: 'upper' | 'lower' = 'upper'): Promise<void> {
    const from = await this.card(title).boundingBox()
    const target = await to.boundingBox()
    if (from === null || target === null) throw new Error(`Nothing to drag: '${title}' or its target is not on the screen.`)
    const { mouse } = this.page
    await mouse.move(from.x + 20, from.y + from.height / 2)
    await mouse.down()
    await mouse.move(from.x + 30, from.y + from.height / 2 + 5, { steps: 3 })
    await mouse.move(target.x + 40, target.y + target.height * (half === 'upper' ? 0.2 : 0.8), { steps: 8 })
    await mouse.up()
  }
}

async function textOf(download: Download): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
