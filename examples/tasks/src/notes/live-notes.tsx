import type { JSX } from 'preact'
import { isSpiceTimeError } from 'spicetime'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Session } from '../board/session.js'
import { MAX_LIVE_NOTES } from '../model/task.js'
import type { Task } from '../model/task.js'
import type { Format, NotesEditor } from './editor.js'
import type { Person } from './people.js'

interface LiveNotesProps {
  readonly session: Session
  readonly task: Task
  /** The notes can't be edited live: they are edited as a plain field. */
  readonly onRefused: () => void
  /** Whether the caret goes into the notes once they are there. */
  readonly focused: boolean
  /** What was written last is more than can be saved: the notes have to be opened again without it. */
  readonly onTooMuch: (writing: boolean) => void
}

const TOO_MUCH =
  'What you added last is more than these notes can take at once, and was taken out again. Paste it in parts, or add it as a file.'
const NO_FORMATS: ReadonlySet<Format> = new Set()

const BUTTONS: readonly { readonly format: Format; readonly label: string; readonly sign: string }[] = [
  { format: 'bold', label: 'Bold', sign: 'B' },
  { format: 'italic', label: 'Italic', sign: 'I' },
  { format: 'bullet', label: 'Bulleted list', sign: '•' },
]

/** Notes that several people write at once, with who is there. The editor comes with the first task that is opened. */
export function LiveNotes({ session, task, focused, onRefused, onTooMuch }: LiveNotesProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<NotesEditor | undefined>(undefined)
  const [ready, setReady] = useState(false)
  const [people, setPeople] = useState<readonly Person[]>([])
  const [formats, setFormats] = useState(NO_FORMATS)
  useEffect(() => {
    const left = new AbortController()
    const failed = (error: unknown, writing = false): void => {
      // Who has left is told all the same what was not kept.
      const isLeft = left.signal.aborted
      if (isSpiceTimeError(error, 'EVENT_TOO_LARGE')) {
        session.notices.refusal(TOO_MUCH, error)
        if (!isLeft) onTooMuch(writing)
      } else if (!isLeft || !(isSpiceTimeError(error, 'ABORTED') || isSpiceTimeError(error, 'RUNTIME_CLOSED'))) {
        session.notices.failure('The notes can’t be edited together.', error)
        if (!isLeft) onRefused()
      }
    }
    const open = async (element: HTMLDivElement): Promise<NotesEditor> => {
      const [{ openNotes }, me] = await Promise.all([import('./editor.js'), whoAmI(session)])
      return await openNotes({
        ...{ host: element, runtime: session.runtime, path: `${session.space.id}/tasks/${task.id}/notes`, me, signal: left.signal },
        ...{ onPeople: setPeople, onFormats: setFormats, onFailed: failed },
        onTooLong: () => session.notices.info(`Notes take at most ${MAX_LIVE_NOTES.toLocaleString()} characters.`),
      })
    }
    if (host.current === null) return undefined
    const opening = open(host.current)
    opening.then((opened) => {
      editor.current = opened
      setReady(true)
    }, failed)
    return () => {
      left.abort()
      // What could not be saved was told by the editor itself.
      opening.then((opened) => opened.close()).catch(() => undefined)
    }
  }, [session, task.id])
  useEffect(() => {
    if (ready && focused) editor.current?.focus()
  }, [ready])
  return (
    <div class="notes">
      <div class="notes-bar">
        <Tools formats={formats} ready={ready} onToggle={(format) => editor.current?.toggle(format)} />
        <People people={people} />
      </div>
      <div class="sheet-notes notes-text">
        {!ready && <p class="notes-waiting">{task.notes}</p>}
        <div ref={host} hidden={!ready} />
      </div>
    </div>
  )
}

interface ToolsProps {
  readonly formats: ReadonlySet<Format>
  readonly ready: boolean
  readonly onToggle: (format: Format) => void
}

function Tools({ formats, ready, onToggle }: ToolsProps): JSX.Element {
  return (
    <div class="notes-tools" role="toolbar" aria-label="Format of the notes">
      {BUTTONS.map(({ format, label, sign }) => (
        <button
          key={format}
          type="button"
          class={`notes-tool notes-${format}`}
          aria-label={label}
          title={label}
          aria-pressed={formats.has(format)}
          disabled={!ready}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onToggle(format)}
        >
          {sign}
        </button>
      ))}
    </div>
  )
}

function People({ people }: { readonly people: readonly Person[] }): JSX.Element {
  return (
    <ul class="notes-people" role="list" aria-label="Also here" aria-live="polite">
      {people.map(({ client, name, color }) => (
        <li key={client} style={{ backgroundColor: color }}>
          {name}
        </li>
      ))}
    </ul>
  )
}

/** The author of this device, and the name that the board knows them by. */
async function whoAmI({ runtime, space }: Session): Promise<{ readonly id: string; readonly name: string }> {
  const [{ author }, members] = await Promise.all([runtime.storage(), runtime.members(space.id)])
  const name = members.find((member) => member.author === author)?.name ?? ''
  return { id: author, name: name === '' ? `Member ${author.slice(0, 6)}` : name }
}
