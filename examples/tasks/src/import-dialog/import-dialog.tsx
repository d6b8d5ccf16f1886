import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Session } from '../board/session.js'
import type { Candidate } from '../import/read-rows.js'
import type { Table } from '../import/table.js'
import { writeTasks } from '../import/write-tasks.js'
import { Dialog } from '../ui/dialog.js'
import { ChooseStep } from './choose-step.js'
import { MapStep } from './map-step.js'
import { DoneStep, WritingStep } from './writing-step.js'
import type { Outcome } from './writing-step.js'

type Step =
  | { readonly kind: 'choose' }
  | { readonly kind: 'map'; readonly name: string; readonly table: Table }
  | { readonly kind: 'writing'; readonly written: number; readonly total: number }
  | { readonly kind: 'done'; readonly outcome: Outcome }

interface ImportDialogProps {
  readonly session: Session
  readonly onClose: () => void
}

/** Brings tasks from another tool's CSV or JSON: choose, map and look, write. */
export function ImportDialog({ session, onClose }: ImportDialogProps): JSX.Element {
  const [step, setStep] = useState<Step>({ kind: 'choose' })
  const writing = useRef<AbortController | undefined>(undefined)
  useEffect(() => () => writing.current?.abort(), [])

  const write = async (candidates: readonly Candidate[]): Promise<void> => {
    const cancel = new AbortController()
    writing.current = cancel
    const total = candidates.length
    let written = 0
    setStep({ kind: 'writing', written, total })
    const { runtime, store, notices } = session
    const finish = (outcome: Outcome): void => {
      setStep({ kind: 'done', outcome })
      notices.say(`${outcome.written} of ${total} tasks imported`)
    }
    try {
      await writeTasks(candidates, {
        runtime,
        collection: store.collection,
        columns: store.snapshot.arrangement.columns,
        signal: cancel.signal,
        onProgress(now) {
          written = now
          setStep({ kind: 'writing', written, total })
        },
      })
      finish({ written, total, failure: undefined })
    } catch (error) {
      finish({ written, total, failure: error })
    }
  }
  const close = (): void => {
    // While it writes, only Cancel ends it, so that a stray click or Esc does not.
    if (step.kind !== 'writing') onClose()
  }
  return (
    <Dialog title={`Import into ${session.space.name}`} wide onClose={close}>
      {step.kind === 'choose' && <ChooseStep onTable={(name, table) => setStep({ kind: 'map', name, table })} />}
      {step.kind === 'map' && (
        <MapStep
          name={step.name}
          table={step.table}
          session={session}
          onBack={() => setStep({ kind: 'choose' })}
          onWrite={(candidates) => void write(candidates)}
        />
      )}
      {step.kind === 'writing' && <WritingStep written={step.written} total={step.total} onCancel={() => writing.current?.abort()} />}
      {step.kind === 'done' && <DoneStep outcome={step.outcome} onClose={onClose} onAgain={() => setStep({ kind: 'choose' })} />}
    </Dialog>
  )
}
