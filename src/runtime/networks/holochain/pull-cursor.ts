import { fromBase32, toBase32 } from '../../codec/base32.js'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Cursor } from '../../model/cursor.js'
import { parseMark } from './zome-calls.js'
import type { Mark } from './zome-calls.js'

/** How far each space was pulled, by its reference. */
export type Marks = ReadonlyMap<string, readonly Mark[]>

/** @throws SpiceTimeError INPUT_MALFORMED */
export function parseCursor(cursor: Cursor): Marks {
  if (cursor === '') return new Map()
  try {
    const [version, spaces]: readonly unknown[] = list(JSON.parse(cursor))
    if (version !== 1) throw new Error('another form')
    return new Map(list(spaces).map(parseSpace))
  } catch (error) {
    const message = `'${cursor.slice(0, 40)}' is no cursor of Holochain. Pull again from the start.`
    throw new SpiceTimeError('INPUT_MALFORMED', message, { network: 'holochain' }, error)
  }
}

export function formatCursor(marks: Marks): Cursor {
  const spaces = [...marks].map(([space, some]) => [space, some.map(({ agent, next, above }) => [toBase32(agent), next, above])])
  return JSON.stringify([1, spaces]) as Cursor
}

/** Of the marks, those of one space, as text. */
export function formatMark(marks: Marks, space: string): string {
  return formatCursor(new Map([[space, marks.get(space) ?? []]]))
}

/** The marks, with those of a space moved on to where another member's are. @throws SpiceTimeError INPUT_MALFORMED */
export function withMark(marks: Marks, space: string, mark: string): Marks {
  const other = parseCursor(mark as Cursor).get(space)
  if (other === undefined)
    throw new SpiceTimeError('INPUT_MALFORMED', 'A snapshot says nothing of how far its space was pulled.', { network: 'holochain' })
  const known = new Map((marks.get(space) ?? []).map((one) => [toBase32(one.agent), one]))
  for (const one of other) {
    const own = known.get(toBase32(one.agent))
    if (own === undefined || own.next < one.next) known.set(toBase32(one.agent), one)
  }
  return new Map([...marks, [space, [...known.values()]]])
}

function parseSpace(foreign: unknown): readonly [string, readonly Mark[]] {
  const [space, marks] = list(foreign)
  if (typeof space !== 'string') throw new Error('no space')
  return [
    space,
    list(marks).map((mark) => {
      const [agent, next, above] = list(mark)
      return parseMark({ agent: fromBase32(String(agent)), next, above })
    }),
  ]
}

function list(foreign: unknown): readonly unknown[] {
  if (Array.isArray(foreign)) return foreign
  throw new Error('not a list')
}
