import type { ComponentChildren, JSX } from 'preact'
import type { Status } from '../model/task.js'

function Icon({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

/** An open ring, a half-filled one, a filled one with a tick. */
export function StatusIcon({ status }: { readonly status: Status }): JSX.Element {
  return (
    <span class={`status-icon status-icon-${status}`}>
      <Icon>
        {status === 'done' ? <circle cx="8" cy="8" r="6.75" fill="currentColor" stroke="none" /> : <circle cx="8" cy="8" r="6" />}
        {status === 'doing' && <path d="M8 4.75a3.25 3.25 0 0 1 0 6.5z" fill="currentColor" stroke="none" />}
        {status === 'done' && <path class="tick" d="m5.25 8.25 2 2 3.5-4" />}
      </Icon>
    </span>
  )
}

const icon = (path: string) =>
  function PathIcon(): JSX.Element {
    return (
      <Icon>
        <path d={path} />
      </Icon>
    )
  }

export const PlusIcon = icon('M8 3.5v9M3.5 8h9')
export const CloseIcon = icon('m4 4 8 8m0-8-8 8')
export const SearchIcon = icon('M11 11l3 3M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0z')
export const CalendarIcon = icon('M3 4.5h10v8.5H3zM3 7h10M5.5 2.5v2m5-2v2')
export const ClaimIcon = icon('M4 14V2.500h8l-2 3 2 3H4')
export const NotesIcon = icon('M3 4.5h10M3 8h10M3 11.5h6')
export const ChevronIcon = icon('m4.5 6.5 3.5 3.5 3.5-3.5')

export const ShareIcon = icon(
  'M6 6.5a2.25 2.25 0 1 0-3 2.1 2.25 2.25 0 0 0 3-2.1zm7 3.2a2.1 2.1 0 1 0-.01 0M1.5 13c.3-1.7 1.4-2.6 2.9-2.6S7 11.300 7.300 13M10 10.600c.700-.600 1.200-.7 1.900-.7 1.300 0 2.300.7 2.600 2.100',
)
export const LinkIcon = icon(
  'M6.750 9.250a2.500 2.500 0 0 0 3.600 0l2.300-2.300a2.500 2.500 0 0 0-3.600-3.600l-.8.8M9.250 6.750a2.500 2.500 0 0 0-3.600 0l-2.300 2.300a2.500 2.500 0 0 0 3.600 3.600l.8-.8',
)
export const CheckIcon = icon('m3.5 8.500 3 3 6-7')
export const SunIcon = icon(
  'M8 5.250a2.750 2.750 0 1 1 0 5.500 2.750 2.750 0 0 1 0-5.500zM8 1.500v1m0 11v1M1.500 8h1m11 0h1M3.400 3.400l.7.7m7.800 7.800.7.7m0-9.200-.7.7m-7.800 7.800-.7.7',
)
export const MoonIcon = icon('M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z')
export const AutoIcon = icon('M2.500 3.500h11v7.500h-11zM6 13.500h4M8 11v2.500')
export const TrashIcon = icon('M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.6 8.500h5.800l.6-8.500')
export const DeviceIcon = icon('M3.500 3h9v7h-9zM1.500 12.500h13')
export const KeyboardIcon = icon('M1.500 4h13v8h-13zM4 6.750h.01M6.700 6.750h.01M9.300 6.750h.01M12 6.750h.01M5 9.500h6')
export const ImportIcon = icon('M8 2.500v7m-3-3 3 3 3-3M3 12.500h10')
export const ExportIcon = icon('M8 9.500v-7m-3 3 3-3 3 3M3 12.500h10')

export function MoreIcon(): JSX.Element {
  return (
    <Icon>
      <path stroke-width="2.25" d="M3.5 8h.01M8 8h.01M12.5 8h.01" />
    </Icon>
  )
}
