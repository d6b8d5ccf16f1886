import Quill from 'quill/core.js'
import Bold from 'quill/formats/bold.js'
import Italic from 'quill/formats/italic.js'
import List from 'quill/formats/list.js'
import Strike from 'quill/formats/strike.js'
import Underline from 'quill/formats/underline.js'
import 'quill/dist/quill.core.css'
import QuillCursors from 'quill-cursors'
import type { LiveDocument, RuntimeClient } from 'spicetime'
import { QuillBinding } from 'y-quill'
import { MAX_LIVE_NOTES } from '../model/task.js'
import { colorOf, peopleIn } from './people.js'
import type { Person } from './people.js'
import { surplusIn } from './surplus.js'
import type { ChangeStep } from './surplus.js'

const FORMATS = ['bold', 'italic', 'underline', 'strike', 'list']
/** What the buttons above the notes switch. */
export type Format = 'bold' | 'italic' | 'bullet'

export interface NotesOptions {
  readonly host: HTMLElement
  readonly runtime: RuntimeClient
  readonly path: string
  /** Who writes here: the author's id and the name that the others see. */
  readonly me: { readonly id: string; readonly name: string }
  readonly signal: AbortSignal
  readonly onPeople: (people: readonly Person[]) => void
  readonly onFormats: (formats: ReadonlySet<Format>) => void
  readonly onTooLong: () => void
  /** The editor could not go on; whether somebody was writing in it. */
  readonly onFailed: (error: unknown, writing: boolean) => void
}

export interface NotesEditor {
  toggle(format: Format): void
  /** Puts the caret behind the last letter. */
  focus(): void
  /** Saves what was written. */
  close(): Promise<void>
}

/** Puts the editor of a task's notes into `host`, bound to the live document. @throws SpiceTimeError as `runtime.doc` */
export async function openNotes(options: NotesOptions): Promise<NotesEditor> {
  register()
  const live = await options.runtime.doc(options.path, { signal: options.signal })
  boundPastes(options)
  const quill = makeQuill(options.host)
  const binding = new QuillBinding(live.text, quill, live.awareness)
  live.awareness.setLocalStateField('user', { ...options.me, color: colorOf(live.doc.clientID) })
  const tellPeople = (): void => options.onPeople(peopleIn(live.awareness.getStates(), live.doc.clientID))
  live.awareness.on('change', tellPeople)
  tellPeople()
  quill.on('editor-change', () => options.onFormats(formatsAt(quill)))
  quill.on('text-change', ({ ops }: { readonly ops: readonly ChangeStep[] }, _before: unknown, source: string) => {
    if (source !== 'user') return
    // Of what was added, not of what others wrote at the end.
    const surplus = surplusIn(ops, quill.getLength() - 1 - MAX_LIVE_NOTES)
    for (const { index, length } of surplus) quill.deleteText(index, length, 'user')
    if (surplus.length > 0) options.onTooLong()
  })
  void live.closed.then((error) => {
    if (error === undefined) return
    const writing = quill.hasFocus()
    quill.disable()
    options.onFailed(error, writing)
  })
  return {
    toggle: (format) => toggle(quill, format),
    focus: () => quill.setSelection(quill.getLength() - 1),
    close: () => close({ binding, live, host: options.host }),
  }
}

function register(): void {
  Quill.register(
    {
      'formats/bold': Bold,
      'formats/italic': Italic,
      'formats/underline': Underline,
      'formats/strike': Strike,
      'formats/list': List,
      'modules/cursors': QuillCursors,
    },
    true,
  )
}

function makeQuill(host: HTMLElement): Quill {
  // Tab leaves the field, as everywhere on the board: nobody must be caught in it.
  const leave = { key: 'Tab', handler: () => true }
  const quill = new Quill(host, {
    formats: FORMATS,
    placeholder: 'Add notes',
    modules: {
      cursors: { transformOnTextChange: true, hideDelayMs: 2000 },
      history: { userOnly: true },
      keyboard: { bindings: { tab: leave, 'indent code-block': leave, indent: leave, outdent: { ...leave, shiftKey: true } } },
    },
  })
  quill.root.setAttribute('role', 'textbox')
  quill.root.setAttribute('aria-multiline', 'true')
  quill.root.setAttribute('aria-label', 'Notes')
  return quill
}

/** One event holds one paste: what would never fit is not begun. */
function boundPastes({ host, onTooLong }: NotesOptions): void {
  const onPaste = (event: ClipboardEvent): void => {
    if ((event.clipboardData?.getData('text/plain').length ?? 0) <= MAX_LIVE_NOTES) return
    event.preventDefault()
    event.stopPropagation()
    onTooLong()
  }
  host.addEventListener('paste', onPaste, { capture: true })
}

function formatsAt(quill: Quill): ReadonlySet<Format> {
  const range = quill.getSelection()
  const active = range === null ? {} : quill.getFormat(range)
  const on: Format[] = []
  if (active['bold'] === true) on.push('bold')
  if (active['italic'] === true) on.push('italic')
  if (active['list'] === 'bullet') on.push('bullet')
  return new Set(on)
}

function toggle(quill: Quill, format: Format): void {
  quill.focus()
  const on = formatsAt(quill).has(format)
  if (format === 'bullet') quill.format('list', on ? false : 'bullet', 'user')
  else quill.format(format, !on, 'user')
}

interface Parts {
  readonly binding: QuillBinding
  readonly live: LiveDocument
  readonly host: HTMLElement
}

async function close({ binding, live, host }: Parts): Promise<void> {
  binding.destroy()
  host.replaceChildren()
  await live.close()
}
