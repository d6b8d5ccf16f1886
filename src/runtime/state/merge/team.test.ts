import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { EventBody } from '../../model/event.js'
import type { OperationName } from '../../model/operation.js'
import { createFlatUpdate } from './team-creation.js'
import { TeamDocument } from './team.js'
import { inverseOf } from './team-undo.js'
import type { UndoableUpdate } from './team-undo.js'

/** A device: its document and what it has made. */
class Device {
  readonly document: TeamDocument
  constructor(readonly client: number) {
    this.document = new TeamDocument(client)
  }

  do(op: OperationName, fields: string, body: EventBody = {}): Uint8Array {
    return this.document.compose({ op, fields: fields === '' ? [] : fields.split('/'), body })
  }

  undo(history: readonly UndoableUpdate[], target: string): Uint8Array {
    const inverse = inverseOf(history, target, this.client)
    this.document.applyOwn(inverse)
    return inverse
  }

  take(from: Device, ...updates: Uint8Array[]): void {
    for (const update of updates) this.document.integrate(update, from.client)
  }
}

describe('concurrent changes', () => {
  const meet = (make: (ada: Device, ben: Device) => readonly [Uint8Array[], Uint8Array[]]): unknown => {
    const [ada, ben] = [new Device(1), new Device(2)]
    const [byAda, byBen] = make(ada, ben)
    ada.take(ben, ...byBen)
    ben.take(ada, ...byAda)
    expect(ada.document.value()).toEqual(ben.document.value())
    return ada.document.value()
  }

  test('two devices start one document apart', () => {
    expect(meet((ada, ben) => [[ada.do('patch', '', { value: { a: 1 } })], [ben.do('patch', '', { value: { b: 2 } })]])).toEqual({
      a: 1,
      b: 2,
    })
  })

  test('additions sum up', () => {
    expect(
      meet((ada, ben) => [[ada.do('add', 'n', { value: 2 }), ada.do('add', 'n', { value: 1 })], [ben.do('add', 'n', { value: 5 })]]),
    ).toEqual({ n: 8 })
  })

  test('an edit survives a removal it did not know of', () => {
    expect(
      meet((ada, ben) => {
        const created = ada.do('put', '', { value: { a: 1, b: 2 } })
        ben.take(ada, created)
        return [[ada.do('remove', '')], [ben.do('patch', '', { value: { b: 3 } })]]
      }),
    ).toEqual({ b: 3 })
  })

  test('texts merge by letters', () => {
    expect(
      meet((ada, ben) => {
        const created = ada.do('text', 't', { delta: [{ insert: 'one three' }] })
        ben.take(ada, created)
        return [
          [ada.do('text', 't', { delta: [{ retain: 4 }, { insert: 'two ' }] })],
          [ben.do('text', 't', { delta: [{ retain: 9 }, { insert: ' four' }] })],
        ]
      }),
    ).toEqual({ t: 'one two three four' })
  })
})

test('a put starts a counter anew', () => {
  const ada = new Device(1)
  ada.do('add', 'n', { value: 2 })
  ada.do('put', 'n', { value: 10 })
  ada.do('add', 'n', { value: 1 })
  expect(ada.document.value()).toEqual({ n: 11 })
  ada.do('remove', 'n')
  expect(ada.document.value()).toEqual({})
  ada.do('add', 'n', { value: 4 })
  expect(ada.document.value()).toEqual({ n: 4 })
})

describe('an update that can not be trusted', () => {
  test('under another author’s client id is refused', () => {
    const [ada, ben] = [new Device(1), new Device(2)]
    const update = ada.do('put', '', { value: { a: 1 } })
    expect(() => ben.document.integrate(update, 3)).toThrow(expect.objectContaining({ code: 'CLIENT_ID_FOREIGN' }))
    expect(ben.document.value()).toBeUndefined()
  })

  test('with a gap is refused', () => {
    const [ada, ben] = [new Device(1), new Device(2)]
    ada.do('put', '', { value: { a: 1 } })
    const later = ada.do('put', 'a', { value: 2 })
    expect(() => ben.document.integrate(later, 1)).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }))
  })

  test('that is no update is refused', () => {
    expect(() => new Device(1).document.integrate(new Uint8Array([9, 9, 9]), 2)).toThrow(
      expect.objectContaining({ code: 'EVENT_MALFORMED' }),
    )
  })

  test('that deletes what nobody wrote is refused', () => {
    const stranger = new Y.Doc()
    stranger.clientID = 7
    stranger.getMap('f').set('x', 1)
    const before = Y.encodeStateVector(stranger)
    stranger.getMap('f').delete('x')
    expect(() => new Device(1).document.integrate(Y.encodeStateAsUpdateV2(stranger, before), 2)).toThrow(
      expect.objectContaining({ code: 'EVENT_MALFORMED' }),
    )
  })
})

describe('undo', () => {
  const history = (updates: readonly [string, Uint8Array, string?][]): { id: string; update: Uint8Array; target?: string }[] =>
    updates.map(([id, update, target]) => ({ id, update, ...(target === undefined ? {} : { target }) }))

  test('takes back one event and nothing of anyone else’s', () => {
    const [ada, ben] = [new Device(1), new Device(2)]
    const one = ada.do('put', '', { value: { a: 1, b: 1 } })
    ben.take(ada, one)
    const two = ada.do('patch', '', { value: { a: 2 } })
    ben.take(ada, two)
    const three = ben.do('patch', '', { value: { b: 2 } })
    ada.take(ben, three)
    ada.undo(
      history([
        ['1', one],
        ['2', two],
        ['3', three],
      ]),
      '2',
    )
    expect(ada.document.value()).toEqual({ a: 1, b: 2 })
  })

  test('does not take back what another has written over it', () => {
    const [ada, ben] = [new Device(1), new Device(2)]
    const one = ada.do('put', '', { value: { a: 1 } })
    ben.take(ada, one)
    const two = ada.do('patch', '', { value: { a: 2 } })
    ben.take(ada, two)
    const three = ben.do('patch', '', { value: { a: 3 } })
    ada.take(ben, three)
    ada.undo(
      history([
        ['1', one],
        ['2', two],
        ['3', three],
      ]),
      '2',
    )
    expect(ada.document.value()).toEqual({ a: 3 })
  })

  test('goes all the way back, step by step, in fields, lists and texts', () => {
    const ada = new Device(1)
    const updates: [string, Uint8Array, string?][] = [
      ['1', ada.do('put', '', { value: { a: 1, list: ['x', 'y', 'z'] } })],
      ['2', ada.do('text', 't', { delta: [{ insert: 'hello' }] })],
      ['3', ada.do('delete', 'list', { index: 1, count: 1 })],
      ['4', ada.do('text', 't', { delta: [{ retain: 1 }, { delete: 2 }] })],
      ['5', ada.do('patch', '', { value: { a: 2 } })],
    ]
    const expected = [
      { a: 1, list: ['x', 'z'], t: 'hlo' },
      { a: 1, list: ['x', 'z'], t: 'hello' },
      { a: 1, list: ['x', 'y', 'z'], t: 'hello' },
      { a: 1, list: ['x', 'y', 'z'] },
      undefined,
    ]
    for (const [index, value] of expected.entries()) {
      const target = String(5 - index)
      updates.push([`u${target}`, ada.undo(history(updates), target), target])
      expect(ada.document.value()).toEqual(value)
    }
  })

  test('of an event that changed nothing changes nothing', () => {
    const ada = new Device(1)
    const one = ada.do('put', '', { value: { a: 1 } })
    const two = ada.do('put', '', { value: { a: 1 } })
    ada.document.integrate(
      inverseOf(
        history([
          ['1', one],
          ['2', two],
        ]),
        '2',
        1,
      ),
      1,
    )
    expect(ada.document.value()).toEqual({ a: 1 })
  })
})

test('a document that grew from a created one is the same as one that Yjs made', () => {
  const update = createFlatUpdate(3, { a: 1, t: 'x' }) ?? new Uint8Array()
  const document = new TeamDocument(3, [update])
  document.compose({ op: 'text', fields: ['t'], body: { delta: [{ retain: 1 }, { insert: 'y' }] } })
  expect(document.value()).toEqual({ a: 1, t: 'xy' })
})
