import { readFileSync } from 'node:fs'

/** @typedef {import('./run-stage.mjs').Outcome} Outcome */
/** @typedef {{ status: string, fullName?: string, failureMessages?: string[] }} VitestAssertion */
/** @typedef {{ testResults: { name?: string, status: string, message?: string, assertionResults: VitestAssertion[] }[] }} VitestReport */
/** @typedef {{ title: string, ok: boolean, tests: { results: { errors: { message?: string }[] }[] }[] }} PlaywrightSpec */
/** @typedef {{ file?: string, title: string, specs?: PlaywrightSpec[], suites?: PlaywrightSuite[] }} PlaywrightSuite */
/** @typedef {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number }, errors: { message?: string }[], suites?: PlaywrightSuite[] }} PlaywrightReport */

/**
 * Counts and failures of vitest's JSON report. A file that did not even load is one failed test.
 * @param {string} path
 * @returns {Outcome}
 */
export function readVitestReport(path) {
  const report = /** @type {VitestReport} */ (JSON.parse(readFileSync(path, 'utf8')))
  /** @type {Outcome} */
  const outcome = { passed: 0, failed: 0, skipped: 0, failures: [] }
  for (const file of report.testResults) {
    const failedBefore = outcome.failed
    for (const { status, fullName, failureMessages } of file.assertionResults) {
      if (status === 'passed') outcome.passed++
      else if (status === 'failed') {
        outcome.failed++
        outcome.failures.push(failure(file.name, fullName, failureMessages?.[0]))
      } else outcome.skipped++
    }
    if (file.status === 'failed' && outcome.failed === failedBefore) {
      outcome.failed++
      outcome.failures.push(failure(file.name, 'did not load', file.message))
    }
  }
  return outcome
}

/**
 * Counts and failures of Playwright's JSON report. A flaky test is a failed one; so is an error outside of any test.
 * @param {string} path
 * @returns {Outcome}
 */
export function readPlaywrightReport(path) {
  const { stats, errors, suites } = /** @type {PlaywrightReport} */ (JSON.parse(readFileSync(path, 'utf8')))
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + (stats.unexpected === 0 ? errors.length : 0),
    skipped: stats.skipped,
    failures: [
      ...(suites ?? []).flatMap((suite) => failuresOf(suite, suite.file)),
      ...errors.map(({ message }) => failure(undefined, 'outside of any test', message)),
    ],
  }
}

/**
 * @param {PlaywrightSuite} suite
 * @param {string | undefined} file
 * @returns {string[]}
 */
function failuresOf(suite, file) {
  const failed = (suite.specs ?? []).filter(({ ok }) => !ok)
  const own = failed.map(({ title, tests }) => {
    const first = tests.flatMap(({ results }) => results.flatMap(({ errors }) => errors)).at(0)
    return failure(file, title, first?.message)
  })
  return [...own, ...(suite.suites ?? []).flatMap((inner) => failuresOf(inner, file))]
}

/**
 * Where, which test, and the first lines of why.
 * @param {string | undefined} file
 * @param {string | undefined} title
 * @param {string | undefined} why
 */
function failure(file, title, why) {
  const place = file?.replace(`${process.cwd()}/`, '')
  const lines = why?.trim().split('\n').slice(0, 12)
  return [[place, title].filter(Boolean).join(' > '), ...(lines ?? []).map((line) => `    ${line}`)].join('\n')
}
