import type { ExportFormat } from './export-tasks.js'

const TYPES: { readonly [F in ExportFormat]: string } = { csv: 'text/csv;charset=utf-8', json: 'application/json' }

/** Hands a text to the browser as a download. */
export function saveFile(name: string, text: string, format: ExportFormat): void {
  const url = URL.createObjectURL(new Blob([text], { type: TYPES[format] }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has taken the address by the next task; revoked at once, Safari loses the download.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
