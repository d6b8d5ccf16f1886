import { servePage } from '../fixtures/served-page.js'
import { expect, test } from '../fixtures/pages.js'

test('P7: a part of the runtime that could not be loaded is loaded when it is asked for again', async ({ device }) => {
  const { url, withhold, close } = await servePage(new URL('./page', import.meta.url), 'not-loaded')
  try {
    const page = await device.context.newPage()
    await page.goto(url)
    const log = `globalThis.app.refused((runtime) => runtime.events())`
    const id = await page.evaluate(async () => await (await globalThis.app.runtime).submitEvent({ path: 'me/a/1', op: 'put', value: 1 }))
    withhold(/inspection/)
    const refused = await page.evaluate(log)
    expect(refused).toMatchObject({ code: 'WORKER_FAILED', message: expect.stringContaining('Go online and try again') })
    withhold()
    expect(await page.evaluate(log)).toBeUndefined()
    expect(await page.evaluate(() => globalThis.app.log())).toMatchObject([{ id }])
  } finally {
    await close()
  }
})
