/** @param {readonly number[]} values */
export function median(values) {
  return percentile(values, 0.5)
}

/** @param {readonly number[]} values @param {number} share */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** @param {number} value */
export function short(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2)
}

/** The table that a run prints. */
export class Report {
  /** @type {string[][]} */
  #rows = []

  /** @param {[what: string, ours: string, raw: string, ratio: string, wanted: string]} cells */
  row(...cells) {
    const [what, ours, raw, ratio, wanted] = cells
    this.#rows.push(cells)
    console.log(`  ${what}: ${ours} (beside it ${raw}), ${ratio}; wanted ${wanted}`)
  }

  print() {
    const rows = [['measure', 'runtime', 'beside it', 'ratio', 'wanted'], ...this.#rows]
    const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
    console.log('')
    for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  }
}
