import type { EventSummary, RuntimeClient } from 'spicetime'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useChanges } from '../ui/diagnostics-feed.js'

const PAGE = 100
/** Rows kept at once. Who pages further back leaves the newest ones behind, and `toNewest` leads there again. */
const MAX_ROWS = 500

interface Pages {
  readonly rows: readonly EventSummary[]
  /** Whether the rows begin with the newest event and follow it. */
  readonly live: boolean
  /** Whether there are events older than the last row. */
  readonly more: boolean
}

export interface EventPages extends Pages {
  /** undefined until the first page is here. */
  readonly ready: boolean
  readonly busy: boolean
  readonly failure: unknown
  readonly older: () => void
  readonly toNewest: () => void
}

const NONE: Pages = { rows: [], live: true, more: false }

/** The event log below `under`, newest first, followed live at its newest end. */
export function useEventPages(runtime: RuntimeClient, under: string): EventPages {
  const [pages, setPages] = useState<Pages & { readonly of?: string }>(NONE)
  const [failure, setFailure] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  // One life for each filter: what an earlier one asked for must not arrive in a later one.
  const life = useRef(new AbortController())
  const ask = (before: number | undefined, merge: (last: Pages, page: readonly EventSummary[]) => Pages): void => {
    const { signal } = life.current
    setBusy(true)
    fetchPage(runtime, { under, before, signal }).then(
      (page) => {
        if (signal.aborted) return
        setPages((last) => ({ ...merge(last.of === under ? last : NONE, page), of: under }))
        setFailure(undefined)
        setBusy(false)
      },
      (error: unknown) => {
        if (signal.aborted) return
        setFailure(error)
        setBusy(false)
      },
    )
  }
  useEffect(() => {
    life.current = new AbortController()
    setFailure(undefined)
    ask(undefined, startOver)
    return () => life.current.abort()
  }, [runtime, under])
  const shown = pages.of === under ? pages : NONE
  useChanges(runtime, {
    concerns: ({ kind }) => kind.startsWith('event-') || kind === 'delivery-moved' || kind === 'decision-made',
    changed: () => {
      if (shown.live) ask(undefined, addNewest)
    },
  })
  return {
    ...shown,
    ready: pages.of === under,
    busy,
    failure,
    older: () => ask(shown.rows.at(-1)?.position, addOlder),
    toNewest: () => ask(undefined, startOver),
  }
}

interface Question {
  readonly under: string
  readonly before: number | undefined
  readonly signal: AbortSignal
}

async function fetchPage(runtime: RuntimeClient, { under, before, signal }: Question): Promise<readonly EventSummary[]> {
  return runtime.events({ limit: PAGE, signal, ...(under === '' ? {} : { under }), ...(before === undefined ? {} : { before }) })
}

function startOver(_last: Pages, rows: readonly EventSummary[]): Pages {
  return { rows, live: true, more: rows.length === PAGE }
}

/** A page that does not reach down to the rows at hand replaces them: there must be no gap. */
function addNewest(last: Pages, page: readonly EventSummary[]): Pages {
  const lowest = page.at(-1)?.position ?? 0
  const kept = last.rows.filter((row) => row.position < lowest)
  const overlaps = last.rows.some((row) => row.position >= lowest)
  if (!overlaps) return startOver(last, page)
  const rows = [...page, ...kept]
  return { rows: rows.slice(0, MAX_ROWS), live: true, more: last.more || rows.length > MAX_ROWS }
}

function addOlder(last: Pages, page: readonly EventSummary[]): Pages {
  const rows = [...last.rows, ...page]
  return { rows: rows.slice(-MAX_ROWS), live: last.live && rows.length <= MAX_ROWS, more: page.length === PAGE }
}
