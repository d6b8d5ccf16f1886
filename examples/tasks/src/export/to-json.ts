import type { PortableTask } from '../model/portable.js'

export const EXPORT_FORMAT = 'spicetime-tasks'
export const EXPORT_VERSION = 1

/** Tasks as JSON that says what it is; absent fields are left out. */
export function toJson(tasks: readonly PortableTask[]): string {
  const rows = tasks.map((task) => Object.fromEntries(Object.entries(task).filter(([, value]) => value !== '')))
  return `${JSON.stringify({ format: EXPORT_FORMAT, version: EXPORT_VERSION, tasks: rows }, null, 2)}\n`
}
