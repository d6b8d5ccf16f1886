import type { EventBody } from '../../model/event.js'
import type { OperationName, TextDelta } from '../../model/operation.js'
import { isValueList, isValueMap } from '../../model/value.js'
import type { Value, ValueMap } from '../../model/value.js'
import { outOfRange, parseIndex, typeClash } from './type-clash.js'

export interface PlainOperation {
  readonly op: OperationName
  /** Segments below the document. */
  readonly fields: readonly string[]
  readonly body: EventBody
}

/**
 * Applies one operation to a plain value and returns the new value (undefined: nothing is there); the old one is not changed.
 * @throws SpiceTimeError VALUE_TYPE_CLASH, OPERATION_MALFORMED
 */
export function applyPlain(value: Value | undefined, operation: PlainOperation): Value | undefined {
  return applyAt(value, 0, operation)
}

function applyAt(value: Value | undefined, depth: number, operation: PlainOperation): Value | undefined {
  const segment = operation.fields[depth]
  if (segment === undefined) return applyHere(value, operation)
  if (isValueList(value)) return applyInList(value, depth, operation)
  if (value !== undefined && !isValueMap(value)) throw typeClash(operation.op, operation.fields.slice(0, depth), kindOf(value))
  const map = value ?? {}
  const next = applyAt(Object.hasOwn(map, segment) ? map[segment] : undefined, depth + 1, operation)
  if (next !== undefined) return { ...map, [segment]: next }
  if (value === undefined) return undefined
  const { [segment]: _removed, ...rest } = map
  return rest
}

function applyInList(list: readonly Value[], depth: number, operation: PlainOperation): Value {
  const index = parseIndex(operation.fields[depth] ?? '')
  if (index === undefined || index >= list.length) throw outOfRange(operation.op, operation.fields, `the list has ${list.length} items`)
  const next = applyAt(list[index], depth + 1, operation)
  return next === undefined ? list.toSpliced(index, 1) : list.with(index, next)
}

function applyHere(value: Value | undefined, { op, fields, body }: PlainOperation): Value | undefined {
  switch (op) {
    case 'put':
    case 'file':
      return body.value
    case 'patch':
      return patched(value, { op, fields, body })
    case 'remove':
    case 'undo':
      return undefined
    case 'add':
      if (value !== undefined && typeof value !== 'number') throw typeClash(op, fields, kindOf(value))
      return finite((value ?? 0) + (typeof body.value === 'number' ? body.value : 0), fields)
    case 'insert':
      return inserted(value, { op, fields, body })
    case 'delete':
      return deleted(value, { op, fields, body })
    case 'text':
      if (value !== undefined && typeof value !== 'string') throw typeClash(op, fields, kindOf(value))
      return applyDelta(value ?? '', body.delta ?? [], fields)
  }
}

function patched(value: Value | undefined, { op, fields, body }: PlainOperation): Value {
  if (value !== undefined && !isValueMap(value)) throw typeClash(op, fields, kindOf(value))
  const changes: ValueMap = isValueMap(body.value) ? body.value : {}
  return { ...value, ...changes }
}

function inserted(value: Value | undefined, { op, fields, body }: PlainOperation): Value {
  if (value !== undefined && !isValueList(value)) throw typeClash(op, fields, kindOf(value))
  const list = value ?? []
  const index = body.index ?? 0
  if (index > list.length) throw outOfRange(op, fields, `index ${index} is past the end of a list of ${list.length}`)
  return list.toSpliced(index, 0, body.value ?? null)
}

function deleted(value: Value | undefined, { op, fields, body }: PlainOperation): Value {
  if (!isValueList(value)) throw typeClash(op, fields, kindOf(value))
  const { index = 0, count = 0 } = body
  if (index + count > value.length) throw outOfRange(op, fields, `${index} + ${count} is past the end of a list of ${value.length}`)
  return value.toSpliced(index, count)
}

function finite(sum: number, fields: readonly string[]): number {
  if (Number.isFinite(sum)) return sum
  throw outOfRange('add', fields, 'the sum is too large for a number')
}

/** Applies a text delta to plain text; attributes need a team document and are dropped here. */
function applyDelta(text: string, delta: TextDelta, fields: readonly string[]): string {
  let result = ''
  let at = 0
  for (const step of delta) {
    if ('insert' in step) {
      result += step.insert
      continue
    }
    const length = 'retain' in step ? step.retain : step.delete
    if (at + length > text.length) throw outOfRange('text', fields, `the delta reaches past the end of a text of ${text.length}`)
    if ('retain' in step) result += text.slice(at, at + length)
    at += length
  }
  return result + text.slice(at)
}

export function kindOf(value: Value | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (value instanceof Uint8Array) return 'bytes'
  if (isValueList(value)) return 'a list'
  switch (typeof value) {
    case 'string':
      return 'text'
    case 'number':
      return 'a number'
    case 'boolean':
      return 'a boolean'
    default:
      return 'a map'
  }
}

/** The value at the segments below a document, or undefined. */
export function valueAt(value: Value | undefined, fields: readonly string[]): Value | undefined {
  let at = value
  for (const segment of fields) {
    if (isValueMap(at)) at = Object.hasOwn(at, segment) ? at[segment] : undefined
    else if (isValueList(at)) {
      const index = parseIndex(segment)
      at = index === undefined ? undefined : at[index]
    } else return undefined
  }
  return at
}
