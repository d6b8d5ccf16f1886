import type { JSX } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import { parseText, readFile } from '../import/read-file.js'
import { UnreadableFile } from '../import/table.js'
import type { Table } from '../import/table.js'

interface ChooseStepProps {
  readonly onTable: (name: string, table: Table) => void
}

/** A file chosen or dropped, or text pasted. */
export function ChooseStep({ onTable }: ChooseStepProps): JSX.Element {
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const pasted = useRef<HTMLTextAreaElement>(null)
  const pasteId = useId()
  const take = async (name: string, read: () => Table | Promise<Table>): Promise<void> => {
    try {
      const table = await read()
      if (table.rows.length === 0 && table.problems.length === 0) throw new UnreadableFile('It names columns, but has no rows below them.')
      onTable(name, table)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const takeFile = (file: File | undefined): void => {
    if (file !== undefined) void take(file.name, () => readFile(file))
  }
  return (
    <div class="dialog-body">
      <p class="lead">CSV or JSON from GitHub, GitLab, Jira, Linear, Trello and the like, or what this board exported.</p>
      <DropZone onFile={takeFile} />
      <label class="field-label" for={pasteId}>
        Or paste it
      </label>
      <textarea
        id={pasteId}
        ref={pasted}
        class="input paste"
        rows={5}
        spellcheck={false}
        placeholder={'title,assignee,due\nCall the printer,Ana,2026-12-01'}
      />
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="dialog-actions">
        <button
          type="button"
          class="button button-primary"
          onClick={() => void take('The pasted text', () => parseText(pasted.current?.value ?? ''))}
        >
          Read pasted text
        </button>
      </div>
    </div>
  )
}

/** Takes a file that is dropped on it or chosen through it. */
function DropZone({ onFile }: { readonly onFile: (file: File | undefined) => void }): JSX.Element {
  const [over, setOver] = useState(false)
  return (
    <label
      class={`drop-zone${over ? ' drop-zone-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        onFile(event.dataTransfer?.files[0])
      }}
    >
      <input
        type="file"
        class="visually-hidden"
        aria-label="Choose a CSV or JSON file"
        accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,text/csv,application/json"
        onChange={(event) => {
          onFile(event.currentTarget.files?.[0])
          // Choosing the same file again is a change too.
          event.currentTarget.value = ''
        }}
      />
      <span>
        Drop a file here, or <span class="link">choose one</span>
      </span>
    </label>
  )
}
