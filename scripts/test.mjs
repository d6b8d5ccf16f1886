// `npm run check` and `npm test`: runs every stage, also after a failed one, and counts. The last line is `N passed, N failed, N skipped`.
import { rmSync } from 'node:fs'
import { runStage } from './run-stage.mjs'
import { STAGES } from './stages.mjs'

const REPORTS = 'test-results/reports'

/** @typedef {import('./run-stage.mjs').Outcome} Outcome */

const wanted = process.argv.slice(2)
const stages = STAGES.filter((stage) => wanted.includes('all') || wanted.includes(stage.name) || (wanted.includes('check') && stage.check))
if (stages.length === 0) {
  console.error(`Name what to run: all, check, or some of ${STAGES.map((stage) => stage.name).join(', ')}.`)
  process.exit(2)
}

rmSync(REPORTS, { recursive: true, force: true })
/** @type {{ name: string, seconds: number, outcome: Outcome }[]} */
const rows = []
for (const stage of stages) {
  console.log(`\n=== ${stage.name}: ${stage.says} ===`)
  const started = performance.now()
  const outcome = await runStage(stage, REPORTS)
  rows.push({ name: stage.name, seconds: (performance.now() - started) / 1000, outcome })
}

// The failures once more: whoever has just the end of a long output must know what to mend.
for (const { name, outcome } of rows) {
  for (const failure of outcome.failures) console.log(`\nFAILED in ${name}: ${failure}`)
}
console.log(`\n${'stage'.padEnd(12)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}${'seconds'.padStart(9)}`)
for (const { name, seconds, outcome } of rows) {
  const cells = [
    String(outcome.passed).padStart(8),
    String(outcome.failed).padStart(8),
    String(outcome.skipped).padStart(9),
    seconds.toFixed(1).padStart(9),
  ]
  console.log(name.padEnd(12) + cells.join(''))
}
/** @param {'passed' | 'failed' | 'skipped'} key */
const total = (key) => rows.reduce((sum, row) => sum + row.outcome[key], 0)
process.exitCode = total('failed') > 0 ? 1 : 0
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
