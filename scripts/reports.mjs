import { readFileSync } from 'node:fs'

/** @typedef {import('./run-stage.mjs').Counts} Counts */
/** @typedef {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} VitestReport */
/** @typedef {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number }, errors: unknown[] }} PlaywrightReport */

/**
 * Counts of vitest's JSON report. A file that did not even load is one failed test.
 * @param {string} path
 * @returns {Counts}
 */
export function readVitestReport(path) {
  const report = /** @type {VitestReport} */ (JSON.parse(readFileSync(path, 'utf8')))
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const file of report.testResults) {
    const failedBefore = counts.failed
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed++
      else if (status === 'failed') counts.failed++
      else counts.skipped++
    }
    if (file.status === 'failed' && counts.failed === failedBefore) counts.failed++
  }
  return counts
}

/**
 * Counts of Playwright's JSON report. A flaky test is a failed one; so is an error outside of any test.
 * @param {string} path
 * @returns {Counts}
 */
export function readPlaywrightReport(path) {
  const { stats, errors } = /** @type {PlaywrightReport} */ (JSON.parse(readFileSync(path, 'utf8')))
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + (stats.unexpected === 0 ? errors.length : 0),
    skipped: stats.skipped,
  }
}
