import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Session } from '../board/session.js'
import { guessDateOrder } from '../import/dates.js'
import type { DateOrder } from '../import/dates.js'
import { useFirstFocus } from '../hooks/use-first-focus.js'
import { findDuplicates } from '../import/duplicates.js'
import { guessMapping } from '../import/guess-mapping.js'
import type { Mapping } from '../import/guess-mapping.js'
import { readRows } from '../import/read-rows.js'
import type { Candidate } from '../import/read-rows.js'
import type { Table } from '../import/table.js'
import { MappingFields } from './mapping-fields.js'
import { Preview } from './preview.js'
import { Problems } from './problems.js'

interface MapStepProps {
  readonly name: string
  readonly table: Table
  readonly session: Session
  readonly onBack: () => void
  readonly onWrite: (candidates: readonly Candidate[]) => void
}

/** Which column is what, what comes of it, and what is left out. */
export function MapStep({ name, table, session, onBack, onWrite }: MapStepProps): JSX.Element {
  const primary = useFirstFocus<HTMLButtonElement>()
  const [mapping, setMapping] = useState<Mapping>(() => guessMapping(table.headers))
  const [chosenOrder, setChosenOrder] = useState<DateOrder | undefined>(undefined)
  const [skip, setSkip] = useState(true)
  const [now] = useState(() => Date.now())
  const dates = useMemo(() => guessDateOrder(table.rows.map(({ cells }) => cells[mapping.due ?? -1] ?? '')), [table, mapping.due])
  const dateOrder = chosenOrder ?? dates.order ?? localOrder()
  const { candidates, problems } = useMemo(() => readRows(table, { mapping, dateOrder, now }), [table, mapping, dateOrder, now])
  const duplicates = useMemo(() => findDuplicates(candidates, session.store.snapshot.arrangement.tasks), [candidates, session])
  const chosen = skip && duplicates.size > 0 ? candidates.filter((candidate) => !duplicates.has(candidate)) : candidates
  return (
    <div class="dialog-body">
      <p class="lead">
        <strong>{name}</strong> has {count(table.rows.length + table.problems.length, 'row')}. Check which column is which.
      </p>
      <MappingFields table={table} mapping={mapping} onChange={setMapping} />
      {dates.numeric && <DateOrderField order={dateOrder} onChange={setChosenOrder} />}
      {duplicates.size > 0 && (
        <label class="check">
          <input type="checkbox" checked={skip} onChange={(event) => setSkip(event.currentTarget.checked)} />
          <span>
            Skip {count(duplicates.size, 'task')} that {duplicates.size === 1 ? 'is' : 'are'} on this board already
          </span>
        </label>
      )}
      {mapping.title === undefined ? (
        <p class="problem" role="alert">
          Choose the column that holds the titles: every task needs one.
        </p>
      ) : (
        <>
          <Preview candidates={chosen} />
          <Problems problems={problems} />
        </>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onBack}>
          Back
        </button>
        <button type="button" class="button button-primary" ref={primary} disabled={chosen.length === 0} onClick={() => onWrite(chosen)}>
          {chosen.length === 0 ? 'Nothing to import' : `Import ${count(chosen.length, 'task')}`}
        </button>
      </div>
    </div>
  )
}

interface DateOrderFieldProps {
  readonly order: DateOrder
  readonly onChange: (order: DateOrder) => void
}

function DateOrderField({ order, onChange }: DateOrderFieldProps): JSX.Element {
  return (
    <label class="date-order">
      <span>Dates of three numbers have</span>
      <select
        class="input"
        value={order}
        onChange={(event) => onChange(event.currentTarget.value === 'month-first' ? 'month-first' : 'day-first')}
      >
        <option value="day-first">the day first (31/12/2026)</option>
        <option value="month-first">the month first (12/31/2026)</option>
      </select>
    </label>
  )
}

/** How dates of three numbers are written where the person is. */
function localOrder(): DateOrder {
  return new Intl.DateTimeFormat().formatToParts(new Date(0))[0]?.type === 'month' ? 'month-first' : 'day-first'
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString()} ${noun}${number === 1 ? '' : 's'}`
}
