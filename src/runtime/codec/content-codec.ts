import { decode, encode } from './dag-cbor.js'
import type { Encodable } from './dag-cbor.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import { MAX_BODY_BYTES } from '../model/event.js'
import type { BodyReference, EventBody, EventContent } from '../model/event.js'
import { fileReference, fileValue } from '../model/file.js'
import { OPERATION_NAMES } from '../model/operation.js'
import type { OperationName, TextDelta, TextDeltaStep } from '../model/operation.js'
import { parseEventPath } from '../model/path.js'
import { isValueMap } from '../model/value.js'
import type { Value, ValueMap } from '../model/value.js'
import { eventIdFromBytes, eventIdToBytes } from './event-id.js'
import { parseValue } from './value.js'

/** Content as the dag-cbor map `{path, op, body}`, whose body may be `{bodyCid}`: what a sealed event seals. */
export function encodeContent(content: EventContent): Uint8Array<ArrayBuffer> {
  return encode(contentFields(content))
}

/** @throws SpiceTimeError EVENT_MALFORMED */
export function decodeContent(bytes: Uint8Array): EventContent {
  let decoded: unknown
  try {
    decoded = decode(bytes)
  } catch (error) {
    throw new SpiceTimeError('EVENT_MALFORMED', "An event's content is not dag-cbor.", {}, error)
  }
  return parseContent(decoded)
}

type Fields = { readonly [key: string]: Encodable | undefined }

/** The three wire fields of open content, in canonical order. */
export function contentFields({ path, op, body, bodyCid }: EventContent): { op: OperationName; body: Fields; path: string } {
  if (bodyCid === undefined) return { op, body: bodyFields(body), path }
  return { op, body: { bodyCid: { ...bodyCid, cid: eventIdToBytes(bodyCid.cid) } }, path }
}

/** A body as its dag-cbor map, in canonical order. */
export function bodyFields({ count, delta, index, value, target, update }: EventBody): Fields {
  return {
    count,
    delta: delta?.map((step) => ({ ...step })),
    index,
    value,
    target: target === undefined ? undefined : eventIdToBytes(target),
    update,
  }
}

/** @throws SpiceTimeError EVENT_MALFORMED, PATH_MALFORMED, VALUE_NOT_ENCODABLE */
export function parseContent(fields: unknown): EventContent {
  if (!isPlainMap(fields) || fields['body'] === undefined) throw malformed('it has no path, operation and body')
  const { op: name, body } = fields
  const op = OPERATION_NAMES.find((known) => known === name)
  if (op === undefined) throw malformed(`its operation '${String(name)}' is unknown`)
  const path = parseEventPath(fields['path'])
  if (!isPlainMap(body) || body['bodyCid'] === undefined) return { path, op, body: parseBody(op, body) }
  return { path, op, body: {}, bodyCid: parseReference(body) }
}

function parseReference({ bodyCid, ...rest }: Readonly<Record<string, unknown>>): BodyReference {
  const { cid, size, salt } = isPlainMap(bodyCid) && Object.keys(rest).length === 0 ? bodyCid : {}
  const isSalt = salt === undefined || (salt instanceof Uint8Array && salt.length === 32)
  if (!(cid instanceof Uint8Array) || typeof size !== 'number' || !(size <= MAX_BODY_BYTES) || !isSalt)
    throw malformed("its 'bodyCid' names no body")
  return { cid: eventIdFromBytes(cid), size, ...(salt === undefined ? {} : { salt }) }
}

/** A team event carries a Yjs update in place of the operation's arguments; that of a file names its content too, for who keeps it. */
export function parseBody(op: OperationName, foreign: unknown): EventBody {
  if (!isPlainMap(foreign)) throw malformed('its body is not a map')
  const target = op === 'undo' ? { target: targetOf(foreign) } : {}
  if (foreign['update'] instanceof Uint8Array) {
    const reference = op === 'file' ? parseArguments(op, foreign) : {}
    return { update: new Uint8Array(foreign['update']), ...reference, ...target }
  }
  return op === 'undo' ? target : parseArguments(op, foreign)
}

/**
 * The arguments of an operation, checked: the same door for what an application submits and what a network brings.
 * @throws SpiceTimeError OPERATION_MALFORMED, VALUE_NOT_ENCODABLE
 */
export function parseArguments(op: Exclude<OperationName, 'undo'>, foreign: Readonly<Record<string, unknown>>): EventBody {
  switch (op) {
    case 'put':
      return { value: parseValue(foreign['value']) }
    case 'patch':
      return { value: fieldsOfPatch(parseValue(foreign['value'])) }
    case 'remove':
      return {}
    case 'add':
      return { value: finiteNumber(foreign['value']) }
    case 'insert':
      return { index: natural(op, 'index', foreign['index']), value: parseValue(foreign['value']) }
    case 'delete':
      return { index: natural(op, 'index', foreign['index']), count: natural(op, 'count', foreign['count']) }
    case 'text':
      // An edit of a live document is a Yjs update already: docs/decisions/0015.
      if (foreign['update'] instanceof Uint8Array) return { update: foreign['update'] }
      return { delta: parseDelta(foreign['delta']) }
    case 'file':
      return { value: referenceOf(parseValue(foreign['value'])) }
  }
}

function referenceOf(value: Value): ValueMap {
  const reference = fileReference(value)
  if (reference === undefined) throw misused('file', "'value' must be a Blob, or the reference of a file")
  return fileValue(reference)
}

function fieldsOfPatch(value: Value): ValueMap {
  if (!isValueMap(value)) throw misused('patch', "'value' must be a map of fields")
  return value
}

function finiteNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw misused('add', "'value' must be a finite number")
  return value
}

function natural(op: OperationName, name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw misused(op, `'${name}' must be a natural number`)
  return value
}

function parseDelta(foreign: unknown): TextDelta {
  if (!Array.isArray(foreign) || foreign.length === 0) throw misused('text', "'delta' must be a list of retain, insert and delete steps")
  return foreign.map((step: unknown) => parseStep(step))
}

function parseStep(step: unknown): TextDeltaStep {
  if (!isPlainMap(step)) throw misused('text', 'a step of the delta is not a map')
  const given = step['attributes'] === undefined ? undefined : parseValue(step['attributes'])
  if (given !== undefined && !isValueMap(given)) throw misused('text', "'attributes' must be a map")
  const attributes = given === undefined ? {} : { attributes: given }
  if (typeof step['insert'] === 'string' && step['insert'] !== '' && step['insert'].isWellFormed())
    return { insert: step['insert'], ...attributes }
  if (step['retain'] !== undefined) return { retain: positive('retain', step['retain']), ...attributes }
  if (step['delete'] !== undefined) return { delete: positive('delete', step['delete']) }
  throw misused('text', "a step of the delta needs 'insert' (some text), 'retain' or 'delete' (a length)")
}

function positive(name: string, value: unknown): number {
  const length = natural('text', name, value)
  if (length === 0) throw misused('text', `'${name}' must be at least 1`)
  return length
}

function targetOf(body: Readonly<Record<string, unknown>>): EventBody['target'] & string {
  if (!(body['target'] instanceof Uint8Array)) throw malformed('an undo names no event')
  return eventIdFromBytes(body['target'])
}

function isPlainMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

function misused(op: OperationName, why: string): SpiceTimeError {
  return new SpiceTimeError('OPERATION_MALFORMED', `The operation '${op}' can't be done: ${why}.`, { op })
}

function malformed(why: string): SpiceTimeError {
  return new SpiceTimeError('EVENT_MALFORMED', `An event was refused: ${why}.`)
}
