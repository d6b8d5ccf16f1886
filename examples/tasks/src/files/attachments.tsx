import type { JSX } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { useBoard } from '../board/session.js'
import type { Task } from '../model/task.js'
import { CloseIcon } from '../ui/icons.js'
import { readAttachments } from './attachment.js'
import type { Attachment } from './attachment.js'
import { AttachmentRow } from './attachment-row.js'
import { useUploads } from './uploads.js'
import type { Upload } from './uploads.js'

/** A task's files: picked, dropped or pasted. */
export function Attachments({ task }: { readonly task: Task }): JSX.Element {
  const { session } = useBoard()
  const path = `${session.space.id}/tasks/${task.id}/files`
  const files = useAttachments(path)
  const { uploads, add } = useUploads(session, path)
  const [over, setOver] = useState(false)
  const picker = useRef<HTMLInputElement>(null)
  const heading = useId()
  usePaste(add)
  return (
    <section
      class={over ? 'files files-over' : 'files'}
      aria-labelledby={heading}
      onDragOver={(event) => {
        if (!isFiles(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget)) setOver(false)
      }}
      onDrop={(event) => {
        if (!isFiles(event)) return
        event.preventDefault()
        setOver(false)
        add([...(event.dataTransfer?.files ?? [])])
      }}
    >
      <header class="files-head">
        <span id={heading} class="field-label">
          Files
        </span>
        <button type="button" class="button button-quiet" onClick={() => picker.current?.click()}>
          Add files
        </button>
        <input
          ref={picker}
          class="files-picker"
          type="file"
          multiple
          tabIndex={-1}
          aria-label="Files to add"
          onChange={({ currentTarget }) => {
            add([...(currentTarget.files ?? [])])
            currentTarget.value = ''
          }}
        />
      </header>
      {files.length + uploads.length === 0 && <p class="files-empty">Drop files here, or paste a picture.</p>}
      <ul class="files-list">
        {files.map((file) => (
          <AttachmentRow key={file.id} file={file} />
        ))}
        {uploads.map((upload) => (
          <UploadRow key={upload.id} upload={upload} />
        ))}
      </ul>
    </section>
  )
}

function UploadRow({ upload: { name, done, cancel } }: { readonly upload: Upload }): JSX.Element {
  return (
    <li class="file">
      <div class="file-mark" aria-hidden="true" />
      <div class="file-text">
        <span class="file-name">{name}</span>
        <progress class="file-progress" aria-label={`Adding ${name}`} value={done} max={1} />
      </div>
      <button type="button" class="button-icon" aria-label={`Cancel ${name}`} title="Cancel" onClick={cancel}>
        <CloseIcon />
      </button>
    </li>
  )
}

function useAttachments(path: string): readonly Attachment[] {
  const { runtime, notices } = useBoard().session
  const [files, setFiles] = useState<readonly Attachment[]>([])
  useEffect(() => {
    const left = new AbortController()
    const follow = async (): Promise<void> => {
      try {
        for await (const { value } of runtime.watchState(path, { signal: left.signal })) setFiles(readAttachments(path, value))
      } catch (error) {
        if (!left.signal.aborted) notices.failure('The files of the task are not known.', error)
      }
    }
    void follow()
    return () => left.abort()
  }, [runtime, notices, path])
  return files
}

function isFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') === true
}

/** A picture that is pasted anywhere while the task is open; text goes where it was pasted. */
function usePaste(add: (files: readonly File[]) => void): void {
  const latest = useRef(add)
  latest.current = add
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length === 0) return
      event.preventDefault()
      latest.current(files)
    }
    addEventListener('paste', onPaste)
    return () => removeEventListener('paste', onPaste)
  }, [])
}
