import type { FileReference } from '../runtime/model/file.js'

/** What a service worker asks of a page, with a port on which the answer comes. docs/decisions/0020. */
export interface FileAsk {
  readonly spicetime: 'file'
  readonly path: string
  /** The header, as it came. */
  readonly range?: string
}

/**
 * What comes back on the port: `taken` first, from a page that has the runtime, then `file`, then as many `bytes` as were asked for by `more`, then `end`;
 * or `failed`, instead of anything.
 */
export type FileReply =
  | { readonly taken: true }
  | { readonly reference: FileReference; readonly offset: number; readonly length: number }
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly end: true }
  | { readonly failed: string; readonly code: string }

/** Sent up for each piece, or when nobody reads any more. */
export type FileMore = 'more' | 'cancel'

export function parseFileAsk(data: unknown): FileAsk | undefined {
  if (typeof data !== 'object' || data === null || !('spicetime' in data) || data.spicetime !== 'file') return undefined
  if (!('path' in data) || typeof data.path !== 'string') return undefined
  const range = 'range' in data && typeof data.range === 'string' ? { range: data.range } : {}
  return { spicetime: 'file', path: data.path, ...range }
}

export interface ServedRange {
  readonly offset: number
  readonly length: number
}

/**
 * The one range that a Range header asks for (RFC 9110, 14.2); undefined for the whole file: no header, several ranges, or one that can't be read.
 * `none` when it lies outside the file.
 */
export function servedRange(header: string | undefined, size: number): ServedRange | 'none' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'none' : { offset: size - length, length }
  }
  const offset = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < offset) return undefined
  return offset >= size ? 'none' : { offset, length: end - offset }
}

/** Media types that a browser shows and never runs. Everything else is bytes to keep. SVG runs nothing in an image, and is never a page: see `headersOf`. */
const SHOWN = /^(image\/(png|jpeg|gif|webp|avif|bmp|x-icon|svg\+xml)|(audio|video)\/[a-z0-9.+-]+|text\/plain)$/
/** Where a browser takes a response for code, styles or a page. */
const RUNNING = ['script', 'worker', 'sharedworker', 'serviceworker', 'audioworklet', 'paintworklet', 'style', 'xslt', 'manifest', 'json']

/** Whether a request wants to run what it gets: content of a space is nobody's code. */
export function wantsToRun(destination: string): boolean {
  return RUNNING.includes(destination)
}

/**
 * The headers of a file. Whoever may write to a space chooses its name and type, so nothing of it is trusted: types that could run are bytes, what is opened
 * as a page is a page without origin, scripts or network, and what is not shown is saved.
 */
export function headersOf(
  { cid, name, type }: FileReference,
  { length, save }: { readonly length: number; readonly save: boolean },
): Record<string, string> {
  const plain = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const shown = SHOWN.test(plain)
  const inline = !save && shown && plain !== 'image/svg+xml'
  return {
    'Content-Type': shown ? (plain === 'text/plain' ? 'text/plain; charset=utf-8' : plain) : 'application/octet-stream',
    'Content-Length': String(length),
    'Content-Disposition': `${inline ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeName(name)}`,
    'Content-Security-Policy':
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; frame-ancestors 'self'",
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'private, no-cache',
    'Accept-Ranges': 'bytes',
    ETag: `"${cid}"`,
  }
}

/** RFC 8187. Path separators and control characters, which could lead a name astray, are gone; so are those that turn a name's direction around. */
function encodeName(name: string): string {
  // oxlint-disable-next-line no-control-regex
  const tame = name.toWellFormed().replaceAll(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069/\\]/g, '_')
  return encodeURIComponent(tame === '' ? 'file' : tame).replaceAll(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}
