import { preview } from 'vite'
import { expect, test } from '../fixtures/pages.js'

test('the app, its worker included, opens again with its server gone', async ({ device }) => {
  const server = await preview({ logLevel: 'silent', preview: { port: 0 } })
  const url = server.resolvedUrls?.local[0] ?? ''
  const page = await device.open(url)
  await expect(page.locator('#app')).not.toBeEmpty()
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
  })
  await server.close()
  await expect(fetch(url)).rejects.toThrow()

  await page.reload()
  await expect(page.locator('#app')).not.toBeEmpty()
  expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true)
})
