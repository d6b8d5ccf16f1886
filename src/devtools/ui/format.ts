import type { Decision, HybridTime } from 'spicetime'

const TIME = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})
const DAY = new Intl.DateTimeFormat('en', { year: 'numeric', month: 'short', day: 'numeric' })
const COUNT = new Intl.NumberFormat('en')
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Milliseconds since 1970 of a hybrid time. */
export function millisecondsOf(time: HybridTime): number {
  return Math.floor(time / 1024)
}

/** `14:03:12.044` in the person's own time zone. */
export function clockTime(milliseconds: number): string {
  return TIME.format(milliseconds)
}

/** Day and time. */
export function fullTime(milliseconds: number): string {
  return `${DAY.format(milliseconds)}, ${TIME.format(milliseconds)}`
}

/** A hybrid time with its counter, which orders what happened within one millisecond. */
export function hybridTime(time: HybridTime): string {
  return `${fullTime(millisecondsOf(time))} +${time % 1024}`
}

export function count(number: number): string {
  return COUNT.format(number)
}

/** `1 event`, `2,000 events`. */
export function counted(number: number, noun: string): string {
  return `${COUNT.format(number)} ${noun}${number === 1 ? '' : 's'}`
}

/** Bytes in decimal units, as browsers report quotas. */
export function bytes(number: number): string {
  let value = number
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${UNITS[unit] ?? ''}`
}

/** A duration in milliseconds, as short as it stays readable. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  return `${Math.round(milliseconds / 60_000)} min`
}

export function percent(fraction: number): string {
  if (fraction > 0 && fraction < 0.0001) return 'less than 0.01 %'
  return `${(fraction * 100).toFixed(fraction > 0 && fraction < 0.01 ? 2 : 0)} %`
}

export function lamports(amount: number): string {
  return amount === 0 ? 'free' : `${COUNT.format(amount)} lamports`
}

/** A path with its long segments shortened. */
export function shortPath(path: string): string {
  return path.split('/').map(shortId).join('/')
}

/** Both ends of an id, which are what people compare. All ids of one kind start alike, so the end is the longer. */
export function shortId(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 7)}…${id.slice(-8)}`
}

/** A routing policy in words. */
export function policyText(policy: Decision['policy'] = 'balanced'): string {
  return typeof policy === 'string' ? policy : `cost ${policy.cost}, latency ${policy.latency}, success ${policy.success}`
}
