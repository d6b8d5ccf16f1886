import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { FileInfo } from 'spicetime'
import { useBoard } from '../board/session.js'
import { CloseIcon } from '../ui/icons.js'
import { isImage, sizeText, urlOf } from './attachment.js'
import type { Attachment } from './attachment.js'

/** One file: looked at, saved, removed, and where it comes from. */
export function AttachmentRow({ file }: { readonly file: Attachment }): JSX.Element {
  const { runtime, notices } = useBoard().session
  const [shown, setShown] = useState(false)
  const remove = (): void => {
    runtime
      .submitEvent({ path: file.path, op: 'remove' })
      .catch((error: unknown) => notices.failure(`‘${file.name}’ was not removed.`, error))
  }
  const url = urlOf(file)
  return (
    <li class="file">
      {isImage(file) ? <img class="file-picture" src={url} alt="" loading="lazy" /> : <div class="file-mark" aria-hidden="true" />}
      <div class="file-text">
        <a class="file-name" href={`${url}&save`} title={`Save ${file.name}`}>
          {file.name}
        </a>
        <button type="button" class="file-about" aria-expanded={shown} onClick={() => setShown(!shown)}>
          {sizeText(file.size)} · About
        </button>
      </div>
      <button type="button" class="button-icon" aria-label={`Remove ${file.name}`} title="Remove" onClick={remove}>
        <CloseIcon />
      </button>
      {shown && <Provenance file={file} />}
    </li>
  )
}

/** Milliseconds. */
const LOOK_AGAIN = 2_000

/** Who put it there and when, what it is called, who keeps it, and where it is anchored. */
function Provenance({ file: { path, cid, name } }: { readonly file: Attachment }): JSX.Element {
  const { runtime, claims, notices } = useBoard().session
  const [info, setInfo] = useState<FileInfo | undefined>(undefined)
  useEffect(() => {
    const left = new AbortController()
    // Who keeps it changes while one looks: pins take their time, and can be lost.
    let again: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      try {
        setInfo(await runtime.fileInfo(path, { signal: left.signal }))
        if (!left.signal.aborted) again = setTimeout(() => void look(), LOOK_AGAIN)
      } catch (error) {
        if (!left.signal.aborted) notices.failure(`Where ‘${name}’ comes from is not known.`, error)
      }
    }
    void look()
    return () => {
      left.abort()
      clearTimeout(again)
    }
  }, [runtime, notices, path, cid])
  if (info === undefined) return <div class="file-facts" aria-busy="true" />
  const { author, at, availability, anchor } = info
  return (
    <dl class="file-facts">
      <dt>Added</dt>
      <dd>
        {author === undefined ? 'by another program' : `by ${claims.nameOf(author)}`}
        {at !== undefined && `, ${new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}`}
      </dd>
      <dt>Kept</dt>
      <dd>{keptText(availability)}</dd>
      <dt>Anchor</dt>
      <dd>{anchor === undefined ? 'None' : `${anchor.network}, ${anchor.level}`}</dd>
      <dt>CID</dt>
      <dd class="file-cid">{cid}</dd>
    </dl>
  )
}

const KEPT = {
  local: 'On this device',
  sent: 'On this device',
  shared: 'Here and with others',
  confirmed: 'Here and with others',
  final: 'Pinned',
} as const

function keptText({ level, pins }: FileInfo['availability']): string {
  const where = level === undefined ? 'Not on this device' : KEPT[level]
  return pins.length === 0 ? where : `${where}; ${pins.map(({ service, state }) => `${service}: ${state}`).join(', ')}`
}
