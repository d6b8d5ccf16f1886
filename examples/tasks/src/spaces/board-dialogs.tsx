import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { CreateSpaceOptions, RuntimeClient } from 'spicetime'
import type { BoardSpace } from '../board/session.js'
import { CLAIMS } from '../model/claim.js'
import { Dialog } from '../ui/dialog.js'
import { Failure } from '../ui/failure.js'

const MAX_LENGTH = 80

interface CreateDialogProps {
  readonly runtime: RuntimeClient
  readonly onCreated: (board: BoardSpace) => void
  readonly onClose: () => void
}

/** Makes a team board. */
export function CreateDialog({ runtime, onCreated, onClose }: CreateDialogProps): JSX.Element {
  const [name, setName] = useState('')
  const [as, setAs] = useState('')
  const [ordered, setOrdered] = useState(false)
  const work = useWork(async () => {
    const policies: CreateSpaceOptions['policies'] = { [CLAIMS]: 'consensus', ...(ordered ? { tasks: 'consensus' } : {}) }
    const { id, name: given } = await runtime.createSpace({ name: name.trim(), policies, ...(as.trim() === '' ? {} : { as: as.trim() }) })
    onCreated({ id, name: given, team: true, ordered })
  })
  return (
    <Dialog title="New team board" onClose={onClose}>
      <form class="dialog-body" onSubmit={work.submit}>
        <p class="lead">A board that you share by a link. Its tasks are encrypted before they leave this device.</p>
        <TextField label="Name of the board" value={name} onInput={setName} placeholder="Launch" required autofocus />
        <TextField label="Your name on it" value={as} onInput={setAs} placeholder="Optional" />
        <label class="check">
          <input type="checkbox" checked={ordered} onChange={(event) => setOrdered(event.currentTarget.checked)} />
          <span>
            Put every change in one order for all
            <small>Each change costs a small fee, and takes a few seconds until it is final. Without this, only claims of tasks do.</small>
          </span>
        </label>
        {work.error !== undefined && <Failure what="The board was not made." error={work.error} />}
        <Actions busy={work.busy} disabled={name.trim() === ''} onClose={onClose} label="Create board" />
      </form>
    </Dialog>
  )
}

interface JoinDialogProps {
  readonly runtime: RuntimeClient
  /** From the address bar; undefined when it is to be pasted. */
  readonly invite: string | undefined
  readonly onJoined: (board: BoardSpace) => void
  readonly onClose: () => void
}

/** Joins the board of a link. */
export function JoinDialog({ runtime, invite, onJoined, onClose }: JoinDialogProps): JSX.Element {
  const [link, setLink] = useState(invite ?? '')
  const [as, setAs] = useState('')
  const work = useWork(async () => {
    const { id, name, policies } = await runtime.joinSpace(link.trim(), as.trim() === '' ? {} : { as: as.trim() })
    onJoined({ id, name, team: true, ordered: policies['tasks'] === 'consensus' })
  })
  return (
    <Dialog title="Join a team board" onClose={onClose}>
      <form class="dialog-body" onSubmit={work.submit}>
        <p class="lead">
          {invite === undefined
            ? 'Paste the whole link that you were sent.'
            : 'You opened a link to a shared board. Joining adds it to the boards on this device.'}
        </p>
        {invite === undefined && (
          <TextField label="Link" value={link} onInput={setLink} placeholder="https://…#spicetime=…" required autofocus />
        )}
        <TextField label="Your name on it" value={as} onInput={setAs} placeholder="Optional" autofocus={invite !== undefined} />
        {work.error !== undefined && <Failure what="The board could not be joined." error={work.error} />}
        <Actions busy={work.busy} disabled={link.trim() === ''} onClose={onClose} label="Join board" />
      </form>
    </Dialog>
  )
}

interface TextFieldProps {
  readonly label: string
  readonly value: string
  readonly onInput: (text: string) => void
  readonly placeholder: string
  readonly required?: boolean
  readonly autofocus?: boolean
}

function TextField({ label, value, onInput, placeholder, required = false, autofocus = false }: TextFieldProps): JSX.Element {
  const id = useId()
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <input
        id={id}
        class="input"
        type="text"
        autoComplete="off"
        required={required}
        autofocus={autofocus}
        maxLength={required && placeholder.startsWith('http') ? undefined : MAX_LENGTH}
        placeholder={placeholder}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  )
}

interface ActionsProps {
  readonly busy: boolean
  readonly disabled: boolean
  readonly label: string
  readonly onClose: () => void
}

function Actions({ busy, disabled, label, onClose }: ActionsProps): JSX.Element {
  return (
    <div class="dialog-actions">
      <button type="button" class="button" onClick={onClose}>
        Cancel
      </button>
      <button type="submit" class="button button-primary" disabled={busy || disabled}>
        {label}
      </button>
    </div>
  )
}

/** A form's work: once at a time, its failure kept to be shown. */
function useWork(run: () => Promise<void>): { readonly busy: boolean; readonly error: unknown; readonly submit: (event: Event) => void } {
  const [state, setState] = useState<{ readonly busy: boolean; readonly error: unknown }>({ busy: false, error: undefined })
  const submit = (event: Event): void => {
    event.preventDefault()
    if (state.busy) return
    setState({ busy: true, error: undefined })
    run().then(
      () => setState({ busy: false, error: undefined }),
      (error: unknown) => setState({ busy: false, error }),
    )
  }
  return { ...state, submit }
}
