/** Whether `03/04/2026` is the 3rd of April (`dmy`) or March 4th (`mdy`). */
export type DateOrder = 'dmy' | 'mdy'

const ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$/
const YEAR_FIRST = /^(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?:[T ,].*)?$/
const NUMERIC = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:[T ,].*)?$/
const DAY_NAME = /^(?:[a-z]{3,9},?\s+)?(\d{1,2})[\s/.-]+([a-z]{3,9})\.?[\s/.,-]+(\d{4}|\d{2})(?:[T ,].*)?$/i
const NAME_DAY = /^(?:[a-z]{3,9},?\s+)?([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[ ,].*)?$/i
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The day as `YYYY-MM-DD`; undefined when the text is no day that exists. Times of day are left out as they are written. */
export function parseDate(text: string, order: DateOrder): string | undefined {
  const trimmed = text.trim()
  const yearFirst = ISO.exec(trimmed) ?? YEAR_FIRST.exec(trimmed)
  if (yearFirst !== null) return day(yearFirst[1], yearFirst[2], yearFirst[3])
  const numeric = NUMERIC.exec(trimmed)
  if (numeric !== null) {
    const [first, second] = [numeric[1], numeric[3]]
    return order === 'dmy' ? day(numeric[4], second, first) : day(numeric[4], first, second)
  }
  const dayName = DAY_NAME.exec(trimmed)
  if (dayName !== null) return day(dayName[3], monthNumber(dayName[2]), dayName[1])
  const nameDay = NAME_DAY.exec(trimmed)
  return nameDay === null ? undefined : day(nameDay[3], monthNumber(nameDay[1]), nameDay[2])
}

/** Which order the dates of a column are in, and whether they leave no doubt; `undefined` when none of them has an order to guess. */
export function guessDateOrder(values: readonly string[]): { readonly order: DateOrder; readonly certain: boolean } | undefined {
  let dotted = false
  let seen = false
  for (const value of values) {
    const match = NUMERIC.exec(value.trim())
    if (match === null) continue
    seen = true
    dotted ||= match[2] === '.'
    if (Number(match[1]) > 12) return { order: 'dmy', certain: true }
    if (Number(match[3]) > 12) return { order: 'mdy', certain: true }
  }
  return seen ? { order: dotted ? 'dmy' : 'mdy', certain: dotted } : undefined
}

function monthNumber(name: string | undefined): string | undefined {
  const month = MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase())
  return month < 0 ? undefined : String(month + 1)
}

function day(year: string | undefined, month: string | undefined, date: string | undefined): string | undefined {
  if (year === undefined || month === undefined || date === undefined) return undefined
  const full = year.length === 2 ? `20${year}` : year
  const text = `${full}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`
  const time = Date.parse(`${text}T00:00:00Z`)
  // Some engines read February 30th as March 2nd.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text ? undefined : text
}
