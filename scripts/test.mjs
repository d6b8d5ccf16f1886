// `npm run check` and `npm test`: runs every stage, also after a failed one, and counts. The last line is `N passed, N failed, N skipped`.
import { rmSync } from 'node:fs'
import { runStage } from './run-stage.mjs'
import { STAGES } from './stages.mjs'

const REPORTS = 'test-results/reports'

/** @typedef {import('./run-stage.mjs').Counts} Counts */

const wanted = process.argv.slice(2)
const stages = STAGES.filter((stage) => wanted.includes('all') || wanted.includes(stage.name) || (wanted.includes('check') && stage.check))
if (stages.length === 0) {
  console.error(`Name what to run: all, check, or some of ${STAGES.map((stage) => stage.name).join(', ')}.`)
  process.exit(2)
}

rmSync(REPORTS, { recursive: true, force: true })
/** @type {{ name: string, seconds: number, counts: Counts }[]} */
const rows = []
for (const stage of stages) {
  console.log(`\n=== ${stage.name}: ${stage.says} ===`)
  const started = performance.now()
  const counts = await runStage(stage, REPORTS)
  rows.push({ name: stage.name, seconds: (performance.now() - started) / 1000, counts })
}

console.log(`\n${'stage'.padEnd(12)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}${'seconds'.padStart(9)}`)
for (const { name, seconds, counts } of rows) {
  const cells = [
    String(counts.passed).padStart(8),
    String(counts.failed).padStart(8),
    String(counts.skipped).padStart(9),
    seconds.toFixed(1).padStart(9),
  ]
  console.log(name.padEnd(12) + cells.join(''))
}
/** @param {keyof Counts} key */
const total = (key) => rows.reduce((sum, row) => sum + row.counts[key], 0)
process.exitCode = total('failed') > 0 ? 1 : 0
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
