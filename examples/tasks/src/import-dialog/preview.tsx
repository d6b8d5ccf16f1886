import type { JSX } from 'preact'
import type { Candidate } from '../import/read-rows.js'
import { STATUS_LABELS } from '../model/task.js'
import { StatusIcon } from '../ui/icons.js'

const ROWS = 5

/** The first tasks as they would be. */
export function Preview({ candidates }: { readonly candidates: readonly Candidate[] }): JSX.Element | null {
  if (candidates.length === 0) return null
  return (
    <div class="preview" role="region" aria-label="Preview of the first tasks" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th>Title</th>
            <th>Status</th>
            <th>Assignee</th>
            <th>Due</th>
            <th>Notes</th>
          </tr>
        </thead>
        <tbody>
          {candidates.slice(0, ROWS).map(({ line, task }) => (
            <tr key={line}>
              <td class="preview-title">{task.title}</td>
              <td>
                <span class="preview-status">
                  <StatusIcon status={task.status} />
                  {STATUS_LABELS[task.status]}
                </span>
              </td>
              <td>{task.assignee}</td>
              <td>{task.due ?? ''}</td>
              <td class="preview-notes">{task.notes.slice(0, 80)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
