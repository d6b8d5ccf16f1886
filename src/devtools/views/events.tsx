import type { EventSummary } from 'spicetime'
import { useState } from 'preact/hooks'
import type { Tools } from '../tools.js'
import { bytes, clockTime, fullTime, millisecondsOf, shortId, shortPath } from '../ui/format.js'
import { Empty, Failure, LevelMeter, Tag } from '../ui/parts.js'
import { Rows } from '../ui/rows.js'
import { useEventPages } from './event-pages.js'

/** The event log, newest first. A row opens the event's trace. */
export function EventsView({ runtime, openTrace }: Tools) {
  const [under, setUnder] = useState('')
  const { rows, live, more, ready, busy, failure, older, toNewest } = useEventPages(runtime, under)
  return (
    <>
      <div class="bar">
        <PathFilter onFilter={setUnder} />
        {live ? null : (
          <button type="button" class="button" onClick={toNewest}>
            To the newest
          </button>
        )}
      </div>
      {failure === undefined ? null : <Failure error={failure} onRetry={toNewest} />}
      {ready && rows.length === 0 ? (
        <Empty>{under === '' ? 'No event yet. Whatever changes is listed here.' : `No event at or below ${under}.`}</Empty>
      ) : null}
      <Rows label="Events, newest first">
        {rows.map((row) => (
          <EventRow key={row.id} row={row} onOpen={() => openTrace(row.id)} />
        ))}
      </Rows>
      {more ? (
        <button type="button" class="button more" disabled={busy} onClick={older}>
          Older
        </button>
      ) : null}
    </>
  )
}

function EventRow({ row, onOpen }: { readonly row: EventSummary; readonly onOpen: () => void }) {
  const at = millisecondsOf(row.time)
  return (
    <button type="button" class="row event" data-row tabIndex={-1} title={row.id} onClick={onOpen}>
      <span class="line">
        <Tag>{row.op}</Tag>
        <span class="mono path" title={row.path}>
          {shortPath(row.path)}
        </span>
        <LevelMeter level={row.level} />
      </span>
      <span class="line quiet">
        <time class="mono" title={fullTime(at)}>
          {clockTime(at)}
        </time>
        <span class="mono">{shortId(row.id)}</span>
        <span class="push">
          needs {row.needs.join(' + ')} · {bytes(row.bytes)}
        </span>
      </span>
    </button>
  )
}

/** Filters on Enter and on leaving the field: half a path names something else. */
function PathFilter({ onFilter }: { readonly onFilter: (under: string) => void }) {
  const apply = (text: string): void => onFilter(text.trim().replace(/\/+$/, ''))
  return (
    <form
      class="grow"
      onSubmit={(event) => {
        event.preventDefault()
        const field = new FormData(event.currentTarget).get('under')
        if (typeof field === 'string') apply(field)
      }}
    >
      <input
        class="field mono"
        name="under"
        type="search"
        placeholder="Filter by path, as in acme/tasks"
        aria-label="Only events at or below this path"
        autocomplete="off"
        spellcheck={false}
        onChange={({ currentTarget }) => apply(currentTarget.value)}
        onSearch={({ currentTarget }) => apply(currentTarget.value)}
      />
    </form>
  )
}
