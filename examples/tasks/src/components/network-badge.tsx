import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { NetworkReport } from 'spicetime'
import type { Session } from '../board/session.js'
import { Popover } from '../ui/popover.js'

const STATE_LABELS: { readonly [S in NetworkReport['state']]: string } = {
  connected: 'Connected',
  connecting: 'Connecting',
  away: 'Away',
  'not-connected': 'Not connected',
}

/** How the network of the board's tasks is, said calmly: changes are safe here and wait. */
export function NetworkBadge({ session }: { readonly session: Session }): JSX.Element | null {
  const report = useTaskNetwork(session)
  if (report === undefined) return null
  const { state, queued, reason, since } = report
  const waiting = queued === 0 ? '' : ` · ${queued.toLocaleString()} waiting`
  return (
    <Popover
      label={`${session.space.ordered ? 'Consensus' : 'Team'} network: ${STATE_LABELS[state]}${waiting}`}
      buttonClass={`badge badge-${state}`}
      role="dialog"
      button={
        <>
          <span class="badge-dot" />
          <span class="badge-text">
            {STATE_LABELS[state]}
            {waiting}
          </span>
        </>
      }
    >
      {() => (
        <div class="badge-detail">
          <p>
            <strong>{STATE_LABELS[state]}</strong>
            {since > 0 && ` since ${new Date(since).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}`}
          </p>
          {reason !== undefined && <p>{reason}</p>}
          <p>
            {queued === 0
              ? 'Nothing waits to be sent.'
              : `${queued.toLocaleString()} ${queued === 1 ? 'change is' : 'changes are'} saved on this device and will be sent when the network is there.`}
          </p>
        </div>
      )}
    </Popover>
  )
}

function useTaskNetwork({ runtime, space, notices }: Session): NetworkReport | undefined {
  const [report, setReport] = useState<NetworkReport | undefined>(undefined)
  useEffect(() => {
    const left = new AbortController()
    const follow = async (): Promise<void> => {
      try {
        for await (const reports of runtime.watchNetworks({ signal: left.signal })) {
          setReport(reports.find(({ requirements }) => requirements.includes(space.ordered ? 'consensus' : 'team')))
        }
      } catch (error) {
        if (!left.signal.aborted) notices.failure('The state of the network is not known.', error)
      }
    }
    void follow()
    return () => left.abort()
  }, [runtime, space, notices])
  return report
}
