import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ConnectionReport, RuntimeClient, StorageReport } from 'spicetime'
import type { Session } from '../board/session.js'

interface StorageNoticeProps {
  readonly session: Session
  readonly unreadable: number
}

/** Says when the runtime is being reached again or was lost, tasks would not outlive the browser or are gone, or records could not be read. Silent when all is well. */
export function StorageNotice({ session, unreadable }: StorageNoticeProps): JSX.Element | null {
  const { runtime, notices } = session
  const [report, setReport] = useState<StorageReport | undefined>(undefined)
  useEffect(() => {
    const left = new AbortController()
    runtime.storage({ signal: left.signal }).then(setReport, (error: unknown) => {
      if (!left.signal.aborted) notices.failure('The state of this device’s storage is not known.', error)
    })
    return () => left.abort()
  }, [runtime, notices])
  const connection = useConnection(runtime)
  const texts: string[] = []
  if (connection.error !== undefined) texts.push(connection.error.message)
  if (connection.lost !== undefined)
    texts.push(
      'The tasks that were on this device are gone: its browser data was cleared. Boards shared with others come back once you join them again.',
    )
  if (report?.mode === 'memory')
    texts.push('This browser keeps nothing for this page: tasks are gone when its last tab closes. Export them to keep them.')
  const damaged = report?.damaged.length ?? 0
  if (damaged > 0)
    texts.push(
      `${damaged} stored ${damaged === 1 ? 'record' : 'records'} could not be read and ${damaged === 1 ? 'was' : 'were'} set aside. The rest is intact.`,
    )
  if (unreadable > 0)
    texts.push(
      `${unreadable} ${unreadable === 1 ? 'document' : 'documents'} on this board ${unreadable === 1 ? 'is' : 'are'} not a task and not shown.`,
    )
  if (texts.length === 0) return null
  return (
    <div class="notice-bar" role="status">
      {texts.map((text) => (
        <p key={text}>{text}</p>
      ))}
    </div>
  )
}

/** What passes within a moment is not worth a word. */
const CALM = 500

function useConnection(runtime: RuntimeClient): ConnectionReport {
  const [report, setReport] = useState(runtime.connection)
  useEffect(() => {
    let later: ReturnType<typeof setTimeout> | undefined
    const stop = runtime.onConnection((next) => {
      clearTimeout(later)
      if (next.state === 'recovering') later = setTimeout(() => setReport(next), CALM)
      else setReport(next)
    })
    return () => {
      clearTimeout(later)
      stop()
    }
  }, [runtime])
  return report
}
