import type { JSX } from 'preact'
import type { Session } from '../board/session.js'
import { Dialog } from '../ui/dialog.js'

export function ImportDialog({ session, onClose }: { readonly session: Session; readonly onClose: () => void }): JSX.Element {
  return <Dialog title={`Import into ${session.space.name}`} wide onClose={onClose}>{null}</Dialog>
}
