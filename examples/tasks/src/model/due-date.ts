/** How near a due date is. */
export type Nearness = 'overdue' | 'today' | 'soon' | 'later'

const DAY = 86_400_000
const SOON_DAYS = 2

/** Today as `YYYY-MM-DD` where the person is. */
export function today(now: Date = new Date()): string {
  const month = String(now.getMonth() + 1).padStart(2, '0')
  return `${now.getFullYear()}-${month}-${String(now.getDate()).padStart(2, '0')}`
}

export function nearness(due: string, now: string): Nearness {
  const days = daysBetween(now, due)
  if (days < 0) return 'overdue'
  if (days === 0) return 'today'
  return days <= SOON_DAYS ? 'soon' : 'later'
}

/** `Today`, `Tomorrow`, `Yesterday`, a weekday within the week, else day and month, with the year when it is another one. */
export function dueLabel(due: string, now: string, locale?: string): string {
  const days = daysBetween(now, due)
  if (days === 0) return 'Today'
  if (days === 1) return 'Tomorrow'
  if (days === -1) return 'Yesterday'
  const date = new Date(`${due}T00:00:00Z`)
  if (days > 1 && days < 7) return format(date, { weekday: 'short' }, locale)
  const sameYear = due.slice(0, 4) === now.slice(0, 4)
  return format(date, sameYear ? { day: 'numeric', month: 'short' } : { day: 'numeric', month: 'short', year: 'numeric' }, locale)
}

function format(date: Date, options: Intl.DateTimeFormatOptions, locale: string | undefined): string {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(date)
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY)
}
