import type { Value } from 'spicetime'
import { useState } from 'preact/hooks'
import { bytes, counted } from '../ui/format.js'
import { Branch, Capped, Leaf } from '../ui/tree.js'

interface ValueProps {
  readonly label: string
  readonly value: Value
  readonly level: number
  readonly open?: boolean
}

/** A value as a tree: maps and lists open, everything else is one row. */
export function ValueNode({ label, value, level, open = false }: ValueProps) {
  const entries = entriesOf(value)
  if (entries === undefined || entries.length === 0) {
    return (
      <Leaf level={level} label={label}>
        <Scalar value={value} />
      </Leaf>
    )
  }
  const note = Array.isArray(value) ? `list, ${counted(entries.length, 'item')}` : `map, ${counted(entries.length, 'field')}`
  return (
    <Branch level={level} label={label} note={note} open={open}>
      {() => (
        <Capped
          items={entries}
          level={level + 1}
          render={([name, field]) => <ValueNode key={name} label={name} value={field} level={level + 1} />}
        />
      )}
    </Branch>
  )
}

function entriesOf(value: Value): readonly (readonly [string, Value])[] | undefined {
  return value === null || typeof value !== 'object' || value instanceof Uint8Array ? undefined : Object.entries(value)
}

/** Characters of a text before it is cut. */
const SHOWN_TEXT = 200
const SHOWN_BYTES = 16

function Scalar({ value }: { readonly value: Value }) {
  if (typeof value === 'string') return <Text text={value} />
  if (value instanceof Uint8Array) {
    const hex = [...value.subarray(0, SHOWN_BYTES)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    return (
      <span class="scalar-bytes">
        {bytes(value.length)}: {hex}
        {value.length > SHOWN_BYTES ? ' …' : ''}
      </span>
    )
  }
  return <span class="scalar-plain">{plainText(value)}</span>
}

/** Numbers, true, false, null, and what is empty. */
function plainText(value: Exclude<Value, string | Uint8Array>): string {
  if (value === null || typeof value !== 'object') return String(value)
  return Array.isArray(value) ? '[]' : '{}'
}

function Text({ text }: { readonly text: string }) {
  const [whole, setWhole] = useState(false)
  const cut = !whole && text.length > SHOWN_TEXT
  return (
    <>
      <span class="scalar-text">"{cut ? `${text.slice(0, SHOWN_TEXT)}…` : text}"</span>
      {cut ? (
        <button type="button" class="link" onClick={() => setWhole(true)}>
          all {counted(text.length, 'character')}
        </button>
      ) : null}
    </>
  )
}
