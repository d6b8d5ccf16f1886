import Papa from 'papaparse'
import { PORTABLE_FIELDS } from '../model/portable.js'
import type { PortableTask } from '../model/portable.js'
import { guardFormula } from '../import/formula-guard.js'

/** Tells spreadsheets that the text is UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF'

/** Tasks as RFC 4180 CSV with a head. Cells that a spreadsheet would run as formulas get an apostrophe, which import takes off again. */
export function toCsv(tasks: readonly PortableTask[]): string {
  const rows = tasks.map((task) => PORTABLE_FIELDS.map((field) => guardFormula(task[field])))
  return BYTE_ORDER_MARK + Papa.unparse({ fields: [...PORTABLE_FIELDS], data: rows }, { newline: '\r\n' }) + '\r\n'
}
