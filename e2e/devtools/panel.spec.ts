import { expect, test } from '../fixtures/pages.js'
import { PanelPage } from './panel-page.js'

test('a task that is created shows as an event, with its trace and the networks', async ({ device }) => {
  const panel = await PanelPage.open(device)
  await panel.show('Events')
  await expect(panel.view()).toContainText('No event yet')

  await panel.board.add('Write the release notes')
  await expect(panel.event('put')).toHaveCount(1)
  await expect(panel.event('put')).toContainText('me/tasks/')

  await panel.event('put').click()
  await expect(panel.tab('Trace')).toHaveAttribute('aria-selected', 'true')
  await expect(panel.view()).toContainText('It takes part in the state.')
  await expect(panel.fact('Needs')).toHaveText('local')
  await expect(panel.fact('Parents')).toContainText('the first event of its document')
  const decision = panel.view().getByRole('region', { name: 'Decision' })
  await expect(decision).toContainText('Leg 1')
  await expect(decision.getByRole('row', { name: /^local chosen/ })).toBeVisible()

  const networks = await panel.show('Networks')
  await expect(networks.getByRole('region', { name: 'local' })).toContainText('connected')
  await expect(networks.getByRole('region', { name: 'solana' })).toContainText('not connected')
  expect(device.problems).toEqual([])
})

test('an event of a team explains why it waits for a network that is away', async ({ device }) => {
  const panel = await PanelPage.open(device)
  await panel.createTeamBoard('Launch')
  await panel.board.add('For the team')

  await panel.show('State')
  await expect(panel.row(/ Launch$/)).toBeVisible()
  await panel.show('Events')
  await panel.event('put').first().click()
  await expect(panel.fact('Needs')).toHaveText('team')
  await expect(panel.fact('Size')).toContainText('encrypted for the space')
  const decision = panel.view().getByRole('region', { name: 'Decision' })
  await expect(decision).toContainText('Leg 1 team')
  await expect(decision.getByRole('row', { name: /^holochain/ }).first()).toBeVisible()
  const deliveries = panel.view().getByRole('region', { name: 'Deliveries' })
  await expect(deliveries).toContainText('holochain')
  await expect(deliveries).toContainText('queued')
  await expect(deliveries).toContainText('not connected')

  await panel.show('Networks')
  await expect(panel.fact('Queued', panel.view().getByRole('region', { name: 'holochain' }))).not.toHaveText('0')
})

test('causality leads from one event to the next and back', async ({ device }) => {
  const panel = await PanelPage.open(device)
  await panel.board.add('First', 'Second')
  await panel.show('Events')
  await panel.event('put').first().click()
  await expect(panel.fact('Sequence')).toContainText("1 in the author's chain")
  await panel
    .fact('Previous')
    .getByRole('button', { name: /^bafyrei/ })
    .click()
  await expect(panel.fact('Sequence')).toContainText("0 in the author's chain")
  await panel.view().getByRole('button', { name: 'Back' }).click()
  await expect(panel.fact('Sequence')).toContainText("1 in the author's chain")
})

test('the state tree opens down to the value and follows it', async ({ device }) => {
  const panel = await PanelPage.open(device)
  await panel.board.add('Water the plants')
  await panel.show('State')
  await panel.row(/^tasks/).click()
  await panel.row(/Water the plants$/).click()
  await expect(panel.row('title "Water the plants"')).toBeVisible()
  await expect(panel.fact('Level')).toContainText('local')
  await expect(panel.fact('Heads')).toContainText('bafyrei')

  await panel.board.add('Another')
  await expect(panel.row(/^tasks/)).toContainText('2 documents')
  await panel.view().getByRole('searchbox').fill('another')
  await expect(panel.row(/Water the plants$/)).toHaveCount(0)
  await expect(panel.row(/Another$/)).toBeVisible()
})

test('storage counts the events, live', async ({ device }) => {
  const panel = await PanelPage.open(device)
  await panel.show('Storage')
  await expect(panel.fact('Events')).toHaveText('0')
  await panel.board.add('One', 'Two')
  await expect(panel.fact('Events')).toHaveText('2')
  await expect(panel.fact('Damaged')).toHaveText('0')
  await expect(panel.fact('In use')).toHaveText(/\d/)
})

test('the diagnostic feed can be filtered and paused', async ({ device }) => {
  const panel = await PanelPage.open(device)
  const view = await panel.show('Diagnostics')
  await panel.board.add('One')
  await view.getByRole('combobox').selectOption('event-applied')
  await expect(view.getByRole('listitem')).toHaveCount(1)
  await view.getByRole('button', { name: 'Pause' }).click()
  await panel.board.add('Two')
  await expect(view.getByRole('status').filter({ hasText: /since the pause/ })).not.toHaveText(/^0 /)
  await expect(view.getByRole('listitem')).toHaveCount(1)
  await view.getByRole('button', { name: 'Go on' }).click()
  await expect(view.getByRole('listitem')).toHaveCount(2)
})

test('a path that cannot be one is refused with what to do', async ({ device }) => {
  const panel = await PanelPage.open(device)
  const view = await panel.show('Events')
  await view.getByRole('searchbox').fill('me//tasks')
  await view.getByRole('searchbox').press('Enter')
  await expect(view.getByRole('alert')).toContainText('PATH_MALFORMED')
  await view.getByRole('searchbox').fill('me/tasks')
  await view.getByRole('searchbox').press('Enter')
  await expect(view.getByRole('alert')).toHaveCount(0)
})
