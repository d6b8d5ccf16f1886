import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPlaywrightReport, readVitestReport } from './reports.mjs'
import { runStage } from './run-stage.mjs'

const folder = mkdtempSync(join(tmpdir(), 'reports-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(report: unknown): string {
  const path = join(folder, 'report.json')
  writeFileSync(path, JSON.stringify(report))
  return path
}

test('vitest: todo and pending ones are skipped; a file that did not load is one failure', () => {
  const assertionResults = ['passed', 'failed', 'pending', 'todo', 'skipped'].map((status) => ({ status, fullName: `one ${status}` }))
  const testResults = [
    { name: 'a.test.ts', status: 'failed', assertionResults },
    { name: 'b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
    { status: 'passed', assertionResults: [] },
  ]
  expect(readVitestReport(written({ testResults }))).toEqual({
    passed: 1,
    failed: 2,
    skipped: 3,
    failures: ['a.test.ts > one failed', 'b.test.ts > did not load\n    no such module'],
  })
})

test('Playwright: a flaky test and an error outside of tests are failures', () => {
  const stats = { expected: 3, unexpected: 0, flaky: 1, skipped: 2 }
  expect(readPlaywrightReport(written({ stats, errors: [{}] }))).toEqual({
    passed: 3,
    failed: 2,
    skipped: 2,
    failures: ['outside of any test'],
  })
})

test('Playwright: failures are named with their file, also those of inner suites', () => {
  const spec = { title: 'opens', ok: false, tests: [{ results: [{ errors: [{ message: 'no board' }] }] }] }
  const suites = [
    { title: 'board', file: 'e2e/board.spec.ts', specs: [{ ...spec, ok: true }], suites: [{ title: 'inner', specs: [spec] }] },
  ]
  const stats = { expected: 1, unexpected: 1, flaky: 0, skipped: 0 }
  expect(readPlaywrightReport(written({ stats, errors: [], suites })).failures).toEqual(['e2e/board.spec.ts > opens\n    no board'])
})

test.for([
  { says: 'a check that succeeds', kind: 'static', code: 'process.exit(0)', counts: { passed: 1, failed: 0, skipped: 0 } },
  { says: 'a check that fails', kind: 'static', code: 'process.exit(1)', counts: { passed: 0, failed: 1, skipped: 0 } },
  { says: 'a check that hangs', kind: 'static', code: 'setInterval(() => 0, 1000)', counts: { passed: 0, failed: 1, skipped: 0 } },
  { says: 'tests that end without a report', kind: 'vitest', code: 'process.exit(0)', counts: { passed: 0, failed: 1, skipped: 0 } },
  { says: 'browser tests that never started', kind: 'playwright', code: 'process.exit(1)', counts: { passed: 0, failed: 1, skipped: 0 } },
] as const)('$says: counted as $counts', async ({ kind, code, counts }) => {
  const command = [process.execPath, '-e', code, '--']
  expect(await runStage({ name: 'stage', says: '', check: false, kind, command, bound: 2_000 }, folder)).toMatchObject(counts)
})
