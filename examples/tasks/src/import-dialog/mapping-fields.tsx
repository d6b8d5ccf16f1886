import type { JSX } from 'preact'
import type { Mapping } from '../import/guess-mapping.js'
import type { Table } from '../import/table.js'
import { PORTABLE_FIELDS } from '../model/portable.js'
import type { PortableField } from '../model/portable.js'

const LABELS: { readonly [F in PortableField]: string } = {
  id: 'Id',
  title: 'Title',
  status: 'Status',
  assignee: 'Assignee',
  due: 'Due date',
  notes: 'Notes',
  created: 'Created',
}

const ORDER: readonly PortableField[] = ['title', ...PORTABLE_FIELDS.filter((field) => field !== 'title' && field !== 'id'), 'id']

interface MappingFieldsProps {
  readonly table: Table
  readonly mapping: Mapping
  readonly onChange: (mapping: Mapping) => void
}

/** For each field of a task, the column that it comes from, with the first cell that holds something. */
export function MappingFields({ table, mapping, onChange }: MappingFieldsProps): JSX.Element {
  return (
    <fieldset class="mapping">
      <legend class="visually-hidden">Columns</legend>
      {ORDER.map((field) => {
        const column = mapping[field]
        return (
          <label key={field} class="mapping-row">
            <span class="mapping-name">{LABELS[field]}</span>
            <select
              class="input"
              value={column === undefined ? '' : String(column)}
              onChange={({ currentTarget: { value } }) => onChange({ ...mapping, [field]: value === '' ? undefined : Number(value) })}
            >
              <option value="">{field === 'title' ? 'Choose a column' : 'None'}</option>
              {table.headers.map((header, index) => (
                <option key={index} value={String(index)}>
                  {header}
                </option>
              ))}
            </select>
            <span class="mapping-sample">{column === undefined ? '' : sample(table, column)}</span>
          </label>
        )
      })}
    </fieldset>
  )
}

function sample(table: Table, column: number): string {
  const cell = table.rows.find(({ cells }) => (cells[column] ?? '').trim() !== '')?.cells[column] ?? ''
  return cell.replace(/\s+/g, ' ').slice(0, 60)
}
