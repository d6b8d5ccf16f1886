import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { documentOf, encodeSegment, fieldsOf, isWithin, parseEventPath, parsePath, spaceOf } from './path.js'

describe('a path', () => {
  test.each(['me/tasks/42', 'acme', 'a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p', 'acme/tasks/a.b_c~d-e', 'acme/tasks/%E8%AA%9E'])(
    '%s is one',
    (text) => {
      expect(parsePath(text)).toBe(text)
    },
  )

  test.each([
    ['', 'nothing'],
    ['/tasks/1', 'an empty segment'],
    ['acme//1', 'an empty segment in the middle'],
    ['acme/tasks/', 'an empty segment at the end'],
    ['acme/../1', 'a step up'],
    ['acme/./1', 'a step nowhere'],
    ['acme/__proto__/1', 'the prototype'],
    ['acme/constructor/1', 'a constructor'],
    ['acme/prototype/1', 'a prototype'],
    ['acme/ta sks/1', 'a space character'],
    ['acme/tasks/ü', 'a letter that is not encoded'],
    ['acme/tasks/%zz', 'a bad escape'],
    ['acme/tasks/100%', 'half an escape'],
    ['a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q', 'seventeen segments'],
    [`acme/tasks/${'x'.repeat(512)}`, 'more than 512 bytes'],
    [42, 'a number'],
    [null, 'null'],
  ] as [unknown, string][])('%j is refused: %s', (text, _why) => {
    expect(() => parsePath(text)).toThrow(expect.objectContaining({ code: 'PATH_MALFORMED' }))
  })

  test('of an event names at least a document', () => {
    expect(() => parseEventPath('acme/tasks')).toThrow(expect.objectContaining({ code: 'PATH_MALFORMED' }))
    expect(parseEventPath('acme/tasks/1')).toBe('acme/tasks/1')
  })

  test('has a space, a document and fields', () => {
    const path = parsePath('acme/tasks/1/meta/colour')
    expect(spaceOf(path)).toBe('acme')
    expect(documentOf(path)).toBe('acme/tasks/1')
    expect(fieldsOf(path)).toEqual(['meta', 'colour'])
    expect(documentOf(parsePath('acme/tasks'))).toBeUndefined()
  })

  test('lies within itself and its ancestors, and not within a namesake', () => {
    expect(isWithin('acme/tasks/1', 'acme/tasks')).toBe(true)
    expect(isWithin('acme/tasks', 'acme/tasks')).toBe(true)
    expect(isWithin('acme/tasks2/1', 'acme/tasks')).toBe(false)
  })

  test('takes any text as an encoded segment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (text) => {
        const segment = encodeSegment(text)
        expect(parsePath(`me/x/${segment}`)).toBeDefined()
        expect(decodeURIComponent(segment)).toBe(text)
      }),
    )
    expect(parsePath(`me/x/${encodeSegment('..')}`)).toBeDefined()
    expect(parsePath(`me/x/${encodeSegment('__proto__')}`)).toBeDefined()
  })
})
