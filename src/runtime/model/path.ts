import { SpiceTimeError } from '../errors/spice-time-error.js'

declare const pathBrand: unique symbol
declare const documentBrand: unique symbol
declare const spaceBrand: unique symbol

/** `space[/collection[/entity[/field…]]]`, checked by `parsePath`. */
export type StatePath = string & { readonly [pathBrand]: true }
/** `space/collection/entity`: the unit that merges. Every DocumentPath is a StatePath. */
export type DocumentPath = StatePath & { readonly [documentBrand]: true }
/** The first segment of a path. `me` never leaves the device. */
export type SpaceId = string & { readonly [spaceBrand]: true }

export const MAX_PATH_SEGMENTS = 16
export const MAX_PATH_BYTES = 512
export const DOCUMENT_DEPTH = 3

const SEGMENT = /^[A-Za-z0-9._~%-]+$/
const PERCENT = /%(?![0-9A-Fa-f]{2})/
const FORBIDDEN = new Set(['.', '..', '__proto__', 'prototype', 'constructor'])

/**
 * Parses a path of one to 16 segments. Segments hold `[A-Za-z0-9._~-]` and percent-encoded bytes (`%2F`).
 * @throws SpiceTimeError PATH_MALFORMED
 */
export function parsePath(text: unknown): StatePath {
  if (typeof text !== 'string' || text === '') throw malformed(String(text), 'it is empty or not a string')
  if (text.length > MAX_PATH_BYTES) throw malformed(text, `it is longer than ${MAX_PATH_BYTES} bytes`)
  const segments = text.split('/')
  if (segments.length > MAX_PATH_SEGMENTS) throw malformed(text, `it has more than ${MAX_PATH_SEGMENTS} segments`)
  for (const segment of segments) {
    if (!SEGMENT.test(segment) || PERCENT.test(segment)) {
      throw malformed(text, `the segment '${segment}' may hold only A-Z a-z 0-9 . _ ~ - (percent-encode the rest)`)
    }
    if (FORBIDDEN.has(segment)) throw malformed(text, `the segment '${segment}' is reserved`)
  }
  return text as StatePath
}

/** Parses a path and insists that it names a document or a field in one. @throws SpiceTimeError PATH_MALFORMED */
export function parseEventPath(text: unknown): StatePath {
  const path = parsePath(text)
  if (depthOf(path) < DOCUMENT_DEPTH) throw malformed(path, 'an event needs at least space/collection/entity')
  return path
}

/** Parses the first segment of a path. @throws SpiceTimeError PATH_MALFORMED */
export function parseSpaceId(text: unknown): SpaceId {
  const path = parsePath(text)
  if (path.includes('/')) throw malformed(path, 'a space is one segment')
  return path as string as SpaceId
}

/** Encodes free text as one segment: what is not in `[A-Za-z0-9._~-]` becomes `%XX` of its UTF-8 bytes. */
export function encodeSegment(text: string): string {
  const encoded = encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  return FORBIDDEN.has(encoded) ? encoded.replace(/^./, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`) : encoded
}

export function depthOf(path: StatePath): number {
  return path.split('/').length
}

export function spaceOf(path: StatePath): SpaceId {
  const end = path.indexOf('/')
  return (end < 0 ? path : path.slice(0, end)) as SpaceId
}

/** The document of a path with at least three segments; undefined for a shorter one. */
export function documentOf(path: StatePath): DocumentPath | undefined {
  const segments = path.split('/')
  return segments.length < DOCUMENT_DEPTH ? undefined : (segments.slice(0, DOCUMENT_DEPTH).join('/') as DocumentPath)
}

/** The segments below the document; empty for the document itself. */
export function fieldsOf(path: StatePath): readonly string[] {
  return path.split('/').slice(DOCUMENT_DEPTH)
}

/** Whether `path` is `ancestor` or lies below it. */
export function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || (path.startsWith(ancestor) && path[ancestor.length] === '/')
}

function malformed(path: string, why: string): SpiceTimeError {
  const shown = path.length > 80 ? `${path.slice(0, 77)}…` : path
  return new SpiceTimeError('PATH_MALFORMED', `The path '${shown}' can't be used: ${why}.`, { path: shown })
}
