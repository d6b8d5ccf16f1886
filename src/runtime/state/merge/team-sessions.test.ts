import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { TeamDocument } from './team.js'

const SESSION_STEP = 2 ** 48
const ADA = 2 ** 48 - 5
const BEN = 7

/** What an editor with that client id writes at the end of a text. */
class Editor {
  readonly doc = new Y.Doc()
  readonly #updates: Uint8Array[] = []

  constructor(client: number, start: readonly Uint8Array[] = []) {
    for (const update of start) Y.applyUpdateV2(this.doc, update)
    this.doc.clientID = client
    this.doc.on('updateV2', (update: Uint8Array) => this.#updates.push(update))
  }

  write(text: string): Uint8Array {
    const field = this.doc.getText('t:n')
    field.insert(field.length, text)
    return this.#updates.at(-1) ?? new Uint8Array()
  }
}

const live = (update: Uint8Array): Parameters<TeamDocument['compose']>[0] => ({ op: 'text', fields: ['n'], body: { update } })
const refused = (code: string): unknown => expect.objectContaining({ code })

describe('sessions of an author', () => {
  test('an editor writes under each of the 31, here and on another device', () => {
    const here = new TeamDocument(ADA)
    const elsewhere = new TeamDocument(BEN)
    const updates: Uint8Array[] = []
    for (let session = 1; session <= 31; session++) {
      updates.push(here.compose(live(new Editor(ADA + session * SESSION_STEP, updates).write('x'))))
    }
    for (const update of updates) elsewhere.integrate(update, ADA)
    expect(elsewhere.encode()).toEqual(here.encode())
    expect(Number.isSafeInteger(ADA + 31 * SESSION_STEP)).toBe(true)
  })

  test("another author's session is refused, here and on another device", () => {
    const update = new Editor(BEN + 3 * SESSION_STEP).write('x')
    expect(() => new TeamDocument(ADA).compose(live(update))).toThrow(refused('CLIENT_ID_FOREIGN'))
    expect(() => new TeamDocument(BEN).integrate(update, ADA)).toThrow(refused('CLIENT_ID_FOREIGN'))
  })

  test('an edit that begins before the end of what is here, or beyond it, is refused and changes nothing', () => {
    const document = new TeamDocument(ADA)
    const client = ADA + SESSION_STEP
    const first = new Editor(client).write('one')
    document.compose(live(first))
    const before = document.encode()
    expect(() => document.compose(live(new Editor(client).write('two')))).toThrow(refused('CONFLICT'))
    const ahead = new Editor(client, [first])
    ahead.write('lost')
    expect(() => document.compose(live(ahead.write('late')))).toThrow(refused('EVENT_MALFORMED'))
    expect(document.encode()).toEqual(before)
  })

  test('a copy that tells its state vector gets just what it lacks', () => {
    const document = new TeamDocument(ADA)
    const editor = new Editor(ADA + SESSION_STEP)
    document.compose(live(editor.write('one')))
    const { vector } = document.since()
    document.compose(live(editor.write('two')))
    const copy = new Y.Doc()
    Y.applyUpdateV2(copy, document.since().update)
    expect(copy.getText('t:n').toString()).toBe('onetwo')
    expect(document.since(vector).update.length).toBeLessThan(document.since().update.length)
    expect(Y.decodeUpdateV2(document.since(vector).update).structs).toHaveLength(1)
  })
})
