import { afterEach, describe, expect, test, vi } from 'vitest'
import type { AuthorId, EventId, RuntimeClient } from 'spicetime'
import { mountDevtools } from './mount.js'
import { FakeRuntime } from './test/fake-runtime.js'

let unmount: (() => void) | undefined

afterEach(() => {
  unmount?.()
  unmount = undefined
  document.body.replaceChildren()
  delete document.documentElement.dataset['theme']
})

function mount(fake: FakeRuntime): ShadowRoot {
  const element = document.createElement('div')
  element.style.height = '600px'
  document.body.append(element)
  const runtime: RuntimeClient = fake
  unmount = mountDevtools(element, runtime)
  const root = element.firstElementChild?.shadowRoot
  if (root === null || root === undefined) throw new Error('The panel has no shadow root.')
  return root
}

function press(root: ShadowRoot, selector: string, text: string): void {
  const button = [...root.querySelectorAll<HTMLElement>(selector)].find((element) => element.textContent?.includes(text))
  if (button === undefined) throw new Error(`There is no ${selector} with '${text}'.`)
  button.click()
}

const text = (root: ShadowRoot): string => root.querySelector('.view')?.textContent ?? ''
const rows = (root: ShadowRoot): number => root.querySelectorAll('[data-row]').length

describe('the panel', () => {
  test('subscribes only to what the visible view shows, and to nothing once it is gone', async () => {
    const fake = new FakeRuntime()
    const root = mount(fake)
    await vi.waitFor(() => expect(fake.open.sort()).toEqual(['diagnostics', 'state me']))
    press(root, '[role=tab]', 'Networks')
    await vi.waitFor(() => expect(fake.open.sort()).toEqual(['diagnostics', 'networks']))
    press(root, '[role=tab]', 'Diagnostics')
    await vi.waitFor(() => expect(fake.open).toEqual(['diagnostics']))
    unmount?.()
    unmount = undefined
    await vi.waitFor(() => expect(fake.open).toEqual([]))
    expect(document.querySelector('[data-spicetime-devtools]')).toBeNull()
  })

  test('shows the routing policy, lets it be chosen, and what a network used of its budget', async () => {
    const fake = new FakeRuntime()
    const root = mount(fake)
    press(root, '[role=tab]', 'Networks')
    const select = await vi.waitFor(() => {
      const found = root.querySelector('select')
      if (found === null) throw new Error('No policy is shown.')
      return found
    })
    expect(select.value).toBe('cheap')
    expect(text(root)).toContain('3,000 lamports of 9,000 lamports')
    select.value = 'fast'
    select.dispatchEvent(new Event('change'))
    await vi.waitFor(async () => expect(await fake.policy()).toEqual({ prefer: 'fast', budgets: { solana: { lamportsPerDay: 9_000 } } }))
    await vi.waitFor(() => expect(root.querySelector('select')?.value).toBe('fast'))
  })

  test('names who published what was refused or quarantined, what it came in, and why', async () => {
    const fake = new FakeRuntime()
    const root = mount(fake)
    press(root, '[role=tab]', 'Diagnostics')
    await vi.waitFor(() => expect(fake.open).toEqual(['diagnostics']))
    const [author, event] = ['mallory' as AuthorId, 'bafy1' as EventId]
    fake.report({ kind: 'batch-refused', network: 'holochain', author: 'uhcak', reference: 'uhckk', reason: 'the batch is of version 2' })
    await vi.waitFor(() => expect(text(root)).toMatch(/batch-refused.*holochain: the batch is of version 2.*author uhcak.*in uhckk/))
    fake.report({ kind: 'event-quarantined', event, code: 'AUTHOR_FORKED', reason: 'two events', author })
    await vi.waitFor(() => expect(text(root)).toMatch(/event-quarantined.*AUTHOR_FORKED: two events.*author mallory/))
    const refused = { kind: 'event-refused', event, code: 'AUTHOR_NOT_PERMITTED', reason: 'no member', origin: 'holochain' } as const
    fake.report({ ...refused, author, reference: 'uhckl' })
    await vi.waitFor(() => expect(text(root)).toMatch(/event-refused.*from holochain.*no member.*author mallory.*in uhckl/))
  })

  test('renders a hundred of ten thousand documents, and more on request', async () => {
    const fake = new FakeRuntime()
    fake.fill('tasks', 10_000)
    const root = mount(fake)
    await vi.waitFor(() => expect(text(root)).toContain('10,000 documents'))
    press(root, '[role=treeitem]', 'tasks')
    await vi.waitFor(() => expect(rows(root)).toBe(102))
    press(root, '.link', 'Show 100 more')
    await vi.waitFor(() => expect(rows(root)).toBe(202))
  })

  test('pages through ten thousand events without keeping more than 500 rows, and finds back to the newest', async () => {
    const fake = new FakeRuntime()
    fake.log(10_000)
    const root = mount(fake)
    press(root, '[role=tab]', 'Events')
    await vi.waitFor(() => expect(rows(root)).toBe(100))
    for (const expected of [200, 300, 400, 500]) {
      press(root, 'button.more', 'Older')
      await vi.waitFor(() => expect(rows(root)).toBe(expected))
    }
    press(root, 'button.more', 'Older')
    await vi.waitFor(() => expect(text(root)).toContain('To the newest'))
    expect(rows(root)).toBe(500)
    expect(root.querySelector('[data-row]')?.getAttribute('title')).toBe('event-9900')
    press(root, '.button', 'To the newest')
    await vi.waitFor(() => expect(root.querySelector('[data-row]')?.getAttribute('title')).toBe('event-10000'))
  })

  test('shows new events without losing the older pages', async () => {
    const fake = new FakeRuntime()
    fake.log(250)
    const root = mount(fake)
    press(root, '[role=tab]', 'Events')
    await vi.waitFor(() => expect(rows(root)).toBe(100))
    press(root, 'button.more', 'Older')
    await vi.waitFor(() => expect(rows(root)).toBe(200))
    fake.log(3)
    await vi.waitFor(() => expect(rows(root)).toBe(203))
    const titles = [...root.querySelectorAll('[data-row]')].map((row) => row.getAttribute('title'))
    expect(new Set(titles).size).toBe(203)
    expect(titles[0]).toBe('event-253')
  })

  test('says why a view has nothing to show, and asks again', async () => {
    const fake = new FakeRuntime()
    fake.failing = true
    const root = mount(fake)
    press(root, '[role=tab]', 'Storage')
    await vi.waitFor(() => expect(text(root)).toContain('STORAGE_FAILED'))
    fake.failing = false
    press(root, '.button', 'Try again')
    await vi.waitFor(() => expect(text(root)).toContain('Every stored record could be read.'))
  })

  test('shows every part of a trace: standing, each candidate, deliveries and receipts', async () => {
    const fake = new FakeRuntime()
    fake.log(1)
    const root = mount(fake)
    press(root, '[role=tab]', 'Events')
    await vi.waitFor(() => expect(text(root)).toContain('acme/tasks/1'))
    press(root, '[data-row]', 'put')
    await vi.waitFor(() => expect(text(root)).toContain('Another event won.'))
    for (const part of [
      'CONFLICT',
      'Lost to',
      'Solana is the best for consensus.',
      '5,000 lamports',
      '97 %',
      '0.812',
      'ruled out',
      'holochain does not order events',
      'Waiting for a block.',
      'slot 7, index 1, position 0',
      'encrypted for the space',
      '100 more',
    ]) {
      expect(text(root)).toContain(part)
    }
  })

  test('follows the theme of the document into its shadow root', async () => {
    const root = mount(new FakeRuntime())
    const panel = root.querySelector('.panel')
    if (panel === null) throw new Error('No panel.')
    document.documentElement.dataset['theme'] = 'dark'
    await vi.waitFor(() => expect(panel.getAttribute('data-theme')).toBe('dark'))
    const dark = getComputedStyle(panel).backgroundColor
    document.documentElement.dataset['theme'] = 'light'
    await vi.waitFor(() => expect(getComputedStyle(panel).backgroundColor).not.toBe(dark))
  })
})
