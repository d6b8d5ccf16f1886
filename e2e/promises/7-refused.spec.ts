import type { Page } from '@playwright/test'
import type { Device } from '../fixtures/pages.js'
import type { Refused } from './page/embedding-app.js'
import { expect, test } from './runtime-page.js'

/** Code of the page's own realm for each bad input (functions and cycles can't be sent from the test), and how it is refused. */
const BAD: Readonly<Record<string, readonly [input: string, code: string, context?: Refused['context']]>> = {
  'a malformed path': ['{ path: "me//1", op: "put", value: 1 }', 'PATH_MALFORMED', { path: 'me//1' }],
  'a path above documents': ['{ path: "me/tasks", op: "put", value: 1 }', 'PATH_MALFORMED'],
  'a function': ['{ path: "me/a/1", op: "put", value: { f: () => 1 } }', 'VALUE_NOT_ENCODABLE'],
  'a cycle': ['(() => { const a = {}; a.a = a; return { path: "me/a/1", op: "put", value: a } })()', 'VALUE_NOT_ENCODABLE', { place: 'a' }],
  'NaN where a number is needed': ['{ path: "me/a/1", op: "add", value: NaN }', 'OPERATION_MALFORMED', { op: 'add' }],
  'an undefined field': ['{ path: "me/a/1", op: "put", value: { a: undefined } }', 'VALUE_NOT_ENCODABLE'],
  'a body of a mebibyte': ['{ path: "me/a/1", op: "put", value: "x".repeat(1024 * 1024) }', 'EVENT_TOO_LARGE', { limit: 1_048_576 }],
  'an unknown operation': ['{ path: "me/a/1", op: "explode", value: 1 }', 'OPERATION_UNKNOWN'],
  'add on text': ['{ path: "me/a/1/title", op: "add", value: 1 }', 'VALUE_TYPE_CLASH', { op: 'add', field: 'title' }],
  'a file that is neither content nor the reference of it': [
    '{ path: "me/a/1", op: "file", value: 1 }',
    'OPERATION_MALFORMED',
    { op: 'file' },
  ],
  'a team for what stays on the device': ['{ path: "me/a/1", op: "put", value: 1, requires: "team" }', 'SPACE_PRIVATE', { space: 'me' }],
  'a space nobody knows': ['{ path: "nowhere/a/1", op: "put", value: 1 }', 'SPACE_UNKNOWN', { space: 'nowhere' }],
  'a requirement nobody knows': ['{ path: "me/a/1", op: "put", value: 1, requires: "magic" }', 'INPUT_MALFORMED'],
}

async function openApp(device: Device, url: string): Promise<Page> {
  const page = await device.context.newPage()
  await page.goto(url)
  await page.evaluate(async () => await (await globalThis.app.runtime).submitEvent({ path: 'me/a/1', op: 'put', value: { title: 'text' } }))
  return page
}

function attempt(page: Page, input: string): Promise<Refused | undefined> {
  return page.evaluate(`globalThis.app.refused((runtime) => runtime.submitEvent(${input}))`)
}

test('P7: bad input is refused with its code and what to do, and changes nothing', async ({ device, appUrl }) => {
  const page = await openApp(device, appUrl)
  for (const [name, [input, code, context = {}]] of Object.entries(BAD)) {
    await test.step(name, async () => {
      const refused = await attempt(page, input)
      expect(refused).toMatchObject({ code, context })
      expect(refused?.message.length).toBeGreaterThan(30)
    })
  }
  expect(await page.evaluate(() => globalThis.app.values(['me/a/1']))).toEqual([{ title: 'text' }])
  expect(await page.evaluate(() => globalThis.app.log())).toHaveLength(1)
})

test('P7: of a batch with one bad event, none takes effect', async ({ device, appUrl }) => {
  const page = await openApp(device, appUrl)
  const batch = '[{ path: "me/a/1", op: "patch", value: { title: "new" } }, { path: "me/a/1/title", op: "add", value: 1 }]'
  const refused: Refused | undefined = await page.evaluate(`globalThis.app.refused((runtime) => runtime.submitEvents(${batch}))`)
  expect(refused?.code).toBe('VALUE_TYPE_CLASH')
  expect(await page.evaluate(() => globalThis.app.values(['me/a/1']))).toEqual([{ title: 'text' }])
})
