import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { readPlaywrightReport, readVitestReport } from './reports.mjs'

/**
 * What came of a stage. `failures`: a text for each, where and why.
 * @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} Outcome
 */
/** @typedef {import('./stages.mjs').Stage} Stage */

/**
 * Runs one stage, with its output on ours, and counts its tests. Never throws: a stage that could not run is one failed test.
 * @param {Stage} stage
 * @param {string} reports the folder for reports
 * @returns {Promise<Outcome>}
 */
export async function runStage(stage, reports) {
  mkdirSync(reports, { recursive: true })
  const report = `${reports}/${stage.name}.json`
  const problem = await run(stage, report)
  if (problem !== undefined) console.log(`${stage.name}: ${problem}`)
  const outcome = stage.kind === 'static' ? { passed: 1, failed: 0, skipped: 0, failures: [] } : readReport(stage, report)
  if (problem === undefined || outcome.failed > 0) return outcome
  return { ...outcome, passed: stage.kind === 'static' ? 0 : outcome.passed, failed: 1, failures: [problem] }
}

/**
 * @param {Stage} stage
 * @param {string} report
 * @returns {Outcome}
 */
function readReport(stage, report) {
  try {
    return stage.kind === 'vitest' ? readVitestReport(report) : readPlaywrightReport(report)
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, failures: [`its report could not be read: ${String(error)}`] }
  }
}

/**
 * @param {Stage} stage
 * @param {string} report
 * @returns {Promise<string | undefined>} what went wrong
 */
function run(stage, report) {
  const [program = '', ...rest] = stage.command
  const extra = stage.kind === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : []
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  const child = spawn(program, [...rest, ...extra], { stdio: ['ignore', 'inherit', 'inherit'], env, detached: true })
  const stop = () => endGroup(child.pid)
  process.on('exit', stop)
  process.on('SIGINT', interrupt)
  return new Promise((resolve) => {
    /** @param {string | undefined} problem */
    const finish = (problem) => {
      clearTimeout(timer)
      process.off('exit', stop)
      process.off('SIGINT', interrupt)
      resolve(problem)
    }
    const timer = setTimeout(() => {
      stop()
      finish(`took longer than ${stage.bound / 1000} seconds and was ended`)
    }, stage.bound)
    child.on('error', (error) => finish(`did not start: ${error.message}`))
    child.on('exit', (code, signal) => finish(code === 0 ? undefined : `ended with ${signal ?? `code ${code}`}`))
  })
}

function interrupt() {
  process.exit(130)
}

/**
 * Ends the stage that we started, with everything that it started.
 * @param {number | undefined} pid
 */
function endGroup(pid) {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
