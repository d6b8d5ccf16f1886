import { expect, test } from '../fixtures/pages.js'
import { PanelPage } from './panel-page.js'

test('the keyboard alone opens the panel, goes through its tabs and opens a document', async ({ device }) => {
  const panel = await PanelPage.open(device)
  const { page } = panel
  await panel.board.add('By keyboard')
  await panel.tab('State').waitFor()
  await page.keyboard.press('Control+Backquote')
  await panel.expectClosed()
  await expect(panel.opener()).toBeFocused()
  await page.keyboard.press('Enter')

  await expect(panel.tab('State')).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(panel.closer()).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(panel.tab('State')).toBeFocused()
  await page.keyboard.press('ArrowRight')
  await expect(panel.tab('Events')).toBeFocused()
  await page.keyboard.press('End')
  await expect(panel.tab('Diagnostics')).toBeFocused()
  await page.keyboard.press('Home')
  await expect(panel.tab('State')).toBeFocused()

  await page.keyboard.press('Tab')
  await expect(panel.view().getByRole('searchbox')).toBeFocused()
  await panel.row(/^tasks/).waitFor()
  await page.keyboard.press('Tab')
  await expect(panel.row(/^me/)).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await panel.row(/By keyboard$/).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await expect(panel.row('title "By keyboard"')).toBeVisible()
  await page.keyboard.press('ArrowLeft')
  await expect(panel.row('title "By keyboard"')).toHaveCount(0)
})

test('whether the panel is open, and how wide it is, outlives a reload', async ({ device }) => {
  const panel = await PanelPage.open(device)
  const handle = panel.page.getByRole('separator', { name: 'Width of the panel' })
  await handle.focus()
  const before = Number(await handle.getAttribute('aria-valuenow'))
  await panel.page.keyboard.press('ArrowLeft')
  await expect(handle).toHaveAttribute('aria-valuenow', String(before + 16))

  const box = await handle.boundingBox()
  if (box === null) throw new Error('The handle is not on the screen.')
  await panel.page.mouse.move(box.x + 3, 400)
  await panel.page.mouse.down()
  await panel.page.mouse.move(box.x - 47, 400, { steps: 4 })
  await panel.page.mouse.up()
  await expect(handle).toHaveAttribute('aria-valuenow', String(before + 66))

  await panel.page.reload()
  await expect(handle).toHaveAttribute('aria-valuenow', String(before + 66))
  await panel.closer().click()
  await panel.page.reload()
  await panel.expectClosed()
})

test('in a narrow window the panel is closed at first, and opens over the board', async ({ device }) => {
  const panel = await PanelPage.open(device, 390)
  await panel.expectClosed()
  await panel.opener().click()
  await expect(panel.page.getByRole('dialog', { name: 'Runtime' })).toBeVisible()
  await expect(panel.tab('State')).toBeVisible()
  await expect(panel.page.getByRole('main')).toHaveAttribute('inert')
  await panel.page.keyboard.press('Escape')
  await panel.expectClosed()
  await expect(panel.opener()).toBeFocused()
})

test('a page without a runtime says why and what to do, and connects when asked again', async ({ device }) => {
  const page = await device.context.newPage()
  await page.addInitScript(() => {
    const { SharedWorker } = globalThis
    Object.assign(globalThis, {
      SharedWorker: undefined,
      mend: () => Object.assign(globalThis, { SharedWorker }),
    })
  })
  await page.goto('./')
  const alert = page.getByRole('alert')
  await expect(alert).toContainText('The runtime could not be started')
  await expect(alert).toContainText('WORKER_UNAVAILABLE')
  await page.evaluate('mend()')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('button', { name: 'New task', exact: true })).toBeVisible()
})
