import { defineConfig } from '@playwright/test'
import { chromiumArguments, findChromium } from './scripts/find-chromium.mjs'

// One port for each run, so that two runs on one machine don't meet. Workers of this run inherit it.
process.env['SPICETIME_E2E_PORT'] ??= String(4300 + (process.pid % 2000))
const url = `http://127.0.0.1:${process.env['SPICETIME_E2E_PORT']}/`

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] === undefined ? [['list']] : [['list'], ['json']],
  use: {
    baseURL: url,
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    // To look into a failure: `npx playwright test --trace retain-on-failure`. Always on, it would slow every test down.
    trace: 'off',
    launchOptions: { executablePath: findChromium(), args: chromiumArguments() },
  },
  webServer: {
    command: `npx vite build --logLevel warn && npx vite preview --logLevel warn --strictPort --port ${process.env['SPICETIME_E2E_PORT']}`,
    url,
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 2_000 },
  },
})
