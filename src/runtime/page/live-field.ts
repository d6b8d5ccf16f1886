import * as Y from 'yjs'
import { hasText, mapAt, rootsOf, TEXT_PREFIX, textAt } from '../state/merge/team-layout.js'
import type { TeamRoots } from '../state/merge/team-layout.js'

/** The text at one field of a page's copy of a document: how it is laid out, and how a plain text that was there becomes a live one. */
export class LiveField {
  readonly text: Y.Text
  readonly #roots: TeamRoots
  readonly #fields: readonly string[]
  /** What shows a plain text in the editor: written with the first edit, so that to look at it changes nothing. */
  readonly #unsent: Uint8Array[] = []
  #seeded = false

  constructor(doc: Y.Doc, fields: readonly string[]) {
    this.#roots = rootsOf(doc)
    this.#fields = fields
    this.text = textAt(this.#roots, fields.join('/'))
  }

  /** Shows the plain text that the field holds. */
  seed(origin: unknown): void {
    const present = this.#present()
    if (this.#isLive || typeof present !== 'string' || present === '') return
    this.#seeded = true
    this.#unsent.push(...captured(this.#roots.doc, origin, () => this.text.insert(0, present)))
  }

  /** The editor has changed the text that is shown: it is no copy any more that could be dropped. */
  touched(): void {
    this.#seeded = false
  }

  /** What has to be written with the first edit: the plain text that was shown, and that a live one is in its place. */
  claim(origin: unknown): readonly Uint8Array[] {
    const mark = this.#isLive ? [] : captured(this.#roots.doc, origin, () => this.#mark())
    return [...this.#unsent.splice(0), ...mark]
  }

  /** Takes in what others wrote. */
  merge(update: Uint8Array, origin: unknown): void {
    if (this.#seeded && this.#claims(update)) {
      // Another editor made the text a live one, with the same words in it.
      this.#seeded = false
      this.#unsent.push(...captured(this.#roots.doc, origin, () => this.text.delete(0, this.text.length)))
    }
    Y.applyUpdateV2(this.#roots.doc, update, origin)
  }

  get #isLive(): boolean {
    return hasText(this.#roots, this.#name)
  }

  #mark(): void {
    const parent = mapAt(this.#roots.fields, this.#fields.slice(0, -1))
    const key = this.#fields.at(-1) ?? ''
    if (parent?.has(key) === true) parent.delete(key)
    this.#roots.marks.set(TEXT_PREFIX + this.#name, true)
  }

  get #name(): string {
    return this.#fields.join('/')
  }

  #present(): unknown {
    return mapAt(this.#roots.fields, this.#fields.slice(0, -1))?.get(this.#fields.at(-1) ?? '')
  }

  #claims(update: Uint8Array): boolean {
    return Y.decodeUpdateV2(update).structs.some((struct) => struct instanceof Y.Item && struct.parentSub === TEXT_PREFIX + this.#name)
  }
}

/** The updates of a change. */
function captured(doc: Y.Doc, origin: unknown, change: () => void): readonly Uint8Array[] {
  const updates: Uint8Array[] = []
  const keep = (update: Uint8Array): void => void updates.push(update)
  doc.on('updateV2', keep)
  doc.transact(change, origin)
  doc.off('updateV2', keep)
  return updates
}
