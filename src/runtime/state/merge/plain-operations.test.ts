import { describe, expect, test } from 'vitest'
import type { EventBody } from '../../model/event.js'
import type { OperationName } from '../../model/operation.js'
import type { Value } from '../../model/value.js'
import { applyPlain, valueAt } from './plain-operations.js'
import { TeamDocument } from './team.js'

type Case = readonly [name: string, before: Value | undefined, op: OperationName, fields: string, body: EventBody, after: Value | undefined]

/** What an operation does to a value; the same whether the document is merged by its team or folded in order. */
const CASES: readonly Case[] = [
  ['put replaces the whole', { a: 1 }, 'put', '', { value: { b: 2 } }, { b: 2 }],
  ['put makes a document that is no map', undefined, 'put', '', { value: 'text' }, 'text'],
  ['put replaces a map by a list', { a: 1 }, 'put', '', { value: [1] }, [1]],
  ['put replaces a list by a map', [1], 'put', '', { value: { a: 1 } }, { a: 1 }],
  ['put sets a field', { a: 1 }, 'put', 'b', { value: [1, { c: 2 }] }, { a: 1, b: [1, { c: 2 }] }],
  ['put makes the maps on the way', undefined, 'put', 'a/b/c', { value: 1 }, { a: { b: { c: 1 } } }],
  ['put replaces an item of a list', { l: ['a', 'b'] }, 'put', 'l/1', { value: 'x' }, { l: ['a', 'x'] }],
  ['patch merges fields', { a: 1, b: 2 }, 'patch', '', { value: { b: 3, c: 4 } }, { a: 1, b: 3, c: 4 }],
  ['patch starts a document', undefined, 'patch', '', { value: { a: 1 } }, { a: 1 }],
  ['patch reaches into a field', { m: { a: 1 } }, 'patch', 'm', { value: { b: 2 } }, { m: { a: 1, b: 2 } }],
  ['patch keeps an empty map a map', {}, 'patch', '', { value: {} }, {}],
  ['remove takes the whole', { a: 1 }, 'remove', '', {}, undefined],
  ['remove takes a field', { a: 1, b: 2 }, 'remove', 'a', {}, { b: 2 }],
  ['remove of the last field leaves a map', { a: 1 }, 'remove', 'a', {}, {}],
  ['remove of nothing does nothing', { a: 1 }, 'remove', 'x/y', {}, { a: 1 }],
  ['remove takes an item of a list', { l: [1, 2, 3] }, 'remove', 'l/1', {}, { l: [1, 3] }],
  ['add counts on', { n: 2 }, 'add', 'n', { value: 3 }, { n: 5 }],
  ['add starts at nothing', undefined, 'add', 'n', { value: -3 }, { n: -3 }],
  ['add works on a document that is a number', 4, 'add', '', { value: 0.5 }, 4.5],
  ['insert puts an item in', { l: ['a', 'c'] }, 'insert', 'l', { index: 1, value: 'b' }, { l: ['a', 'b', 'c'] }],
  ['insert starts a list', undefined, 'insert', 'l', { index: 0, value: 1 }, { l: [1] }],
  ['delete takes items', { l: [1, 2, 3] }, 'delete', 'l', { index: 1, count: 2 }, { l: [1] }],
  ['text edits', { t: 'hello' }, 'text', 't', { delta: [{ retain: 5 }, { insert: ' you' }] }, { t: 'hello you' }],
  ['text starts', undefined, 'text', 't', { delta: [{ insert: 'hi' }] }, { t: 'hi' }],
  ['text deletes', { t: 'hello' }, 'text', 't', { delta: [{ delete: 4 }] }, { t: 'o' }],
]

type Refusal = readonly [name: string, before: Value | undefined, op: OperationName, fields: string, body: EventBody, code: string]
const REFUSALS: readonly Refusal[] = [
  ['add on text', { n: 'one' }, 'add', 'n', { value: 1 }, 'VALUE_TYPE_CLASH'],
  ['add on a map', { n: 1 }, 'add', '', { value: 1 }, 'VALUE_TYPE_CLASH'],
  ['patch on a list', [1], 'patch', '', { value: { a: 1 } }, 'VALUE_TYPE_CLASH'],
  ['patch on text', { a: 'x' }, 'patch', 'a', { value: { b: 1 } }, 'VALUE_TYPE_CLASH'],
  ['a field of text', { a: 'x' }, 'put', 'a/b', { value: 1 }, 'VALUE_TYPE_CLASH'],
  ['insert into a map', { l: {} }, 'insert', 'l', { index: 0, value: 1 }, 'VALUE_TYPE_CLASH'],
  ['insert past the end', { l: [1] }, 'insert', 'l', { index: 2, value: 1 }, 'OPERATION_MALFORMED'],
  ['delete past the end', { l: [1] }, 'delete', 'l', { index: 0, count: 2 }, 'OPERATION_MALFORMED'],
  ['delete of nothing', { a: 1 }, 'delete', 'l', { index: 0, count: 1 }, 'VALUE_TYPE_CLASH'],
  ['text on a number', { t: 1 }, 'text', 't', { delta: [{ insert: 'x' }] }, 'VALUE_TYPE_CLASH'],
  ['text past the end', { t: 'ab' }, 'text', 't', { delta: [{ retain: 3 }, { insert: 'x' }] }, 'OPERATION_MALFORMED'],
  ['an item that is not there', { l: [1] }, 'put', 'l/1', { value: 2 }, 'OPERATION_MALFORMED'],
]

const fieldsIn = (path: string): readonly string[] => (path === '' ? [] : path.split('/'))

function teamWith(value: Value | undefined): TeamDocument {
  const document = new TeamDocument(5)
  if (value !== undefined) document.compose({ op: 'put', fields: [], body: { value } })
  return document
}

describe('on plain values', () => {
  test.each(CASES)('%s', (...[, before, op, fields, body, after]) => {
    const frozen = structuredClone(before)
    expect(applyPlain(before, { op, fields: fieldsIn(fields), body })).toEqual(after)
    expect(before).toEqual(frozen)
  })

  test.each(REFUSALS)('%s is refused', (...[, before, op, fields, body, code]) => {
    expect(() => applyPlain(before, { op, fields: fieldsIn(fields), body })).toThrow(expect.objectContaining({ code }))
  })
})

describe('on team documents', () => {
  test.each(CASES)('%s', (...[, before, op, fields, body, after]) => {
    const document = teamWith(before)
    const update = document.compose({ op, fields: fieldsIn(fields), body })
    expect(document.value()).toEqual(after)
    const copy = new TeamDocument(9, [...(before === undefined ? [] : [teamWith(before).encode()]), update])
    expect(copy.value()).toEqual(after)
  })

  test.each(REFUSALS)('%s is refused, and nothing changed', (...[, before, op, fields, body, code]) => {
    const document = teamWith(before)
    const state = document.encode()
    expect(() => document.compose({ op, fields: fieldsIn(fields), body })).toThrow(expect.objectContaining({ code }))
    expect(document.encode()).toEqual(state)
  })
})

test('a value is found by its fields', () => {
  expect(valueAt({ a: [{ b: 1 }] }, ['a', '0', 'b'])).toBe(1)
  expect(valueAt({ a: 1 }, ['a', 'b'])).toBeUndefined()
  expect(valueAt({}, ['toString'])).toBeUndefined()
})
