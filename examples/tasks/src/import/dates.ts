/** Which number of `03/04/2026` is the day. */
export type DateOrder = 'day-first' | 'month-first'

const ISO = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$/
const NUMBERS = /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[ T,].*)?$/
const DAY_NAME_YEAR = /^(?:\p{L}+,?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s/.-]+(\p{L}{3,})\.?[\s/.,-]+(\d{4}|\d{2})(?:[ T,].*)?$/u
const NAME_DAY_YEAR = /^(?:\p{L}+,?\s+)?(\p{L}{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[ T,].*)?$/u
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/**
 * A due date as `YYYY-MM-DD`; the time of day is left out. undefined when it can't be read.
 * @param order for dates of three numbers
 */
export function parseDue(text: string, order: DateOrder): string | undefined {
  const plain = text.trim()
  const iso = ISO.exec(plain)
  if (iso !== null) return date(iso[1], Number(iso[2]), iso[3])
  const numbers = NUMBERS.exec(plain)
  if (numbers !== null) {
    const [, first, second, year] = numbers
    return order === 'day-first' ? date(year, Number(second), first) : date(year, Number(first), second)
  }
  const named = DAY_NAME_YEAR.exec(plain)
  if (named !== null) return date(named[3], monthOf(named[2]), named[1])
  const american = NAME_DAY_YEAR.exec(plain)
  return american === null ? undefined : date(american[3], monthOf(american[1]), american[2])
}

/** What the dates of a column show by themselves; undefined when every one could be read both ways, or none is of numbers. */
export function guessDateOrder(texts: Iterable<string>): { readonly order: DateOrder | undefined; readonly numeric: boolean } {
  let numeric = false
  for (const text of texts) {
    const numbers = NUMBERS.exec(text.trim())
    if (numbers === null) continue
    numeric = true
    if (Number(numbers[1]) > 12) return { order: 'day-first', numeric }
    if (Number(numbers[2]) > 12) return { order: 'month-first', numeric }
  }
  return { order: undefined, numeric }
}

/** Milliseconds since 1970 of a moment another tool wrote; undefined when it can't be read. */
export function parseMoment(text: string): number | undefined {
  const plain = text.trim()
  const number = /^\d{9,13}$/.test(plain) ? Number(plain) * (plain.length <= 10 ? 1000 : 1) : Date.parse(plain)
  return Number.isFinite(number) ? number : undefined
}

function monthOf(name: string | undefined): number {
  return MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1
}

/** Only days that exist: no 31 April. */
function date(yearText: string | undefined, month: number, dayText: string | undefined): string | undefined {
  const year = Number(yearText) + (yearText?.length === 2 ? 2000 : 0)
  const day = Number(dayText)
  const checked = new Date(Date.UTC(year, month - 1, day))
  if (checked.getUTCMonth() !== month - 1 || checked.getUTCDate() !== day || year < 1000) return undefined
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}
