import { SpiceTimeError } from '../../errors/spice-time-error.js'

/** The refusal of an operation that does not fit what is there; nothing was changed. */
export function typeClash(op: string, fields: readonly string[], found: string): SpiceTimeError {
  const place = fields.length === 0 ? 'the document' : `the field '${fields.join('/')}'`
  return new SpiceTimeError(
    'VALUE_TYPE_CLASH',
    `'${op}' can't be done on ${place}: it holds ${found}. Read the state first, or 'put' a value of the right kind.`,
    {
      op,
      field: fields.join('/'),
    },
  )
}

export function outOfRange(op: string, fields: readonly string[], detail: string): SpiceTimeError {
  const place = fields.length === 0 ? 'the document' : `the field '${fields.join('/')}'`
  return new SpiceTimeError('OPERATION_MALFORMED', `'${op}' can't be done on ${place}: ${detail}.`, { op, field: fields.join('/') })
}

/** A list position written as a path segment, or undefined when it is none. */
export function parseIndex(segment: string): number | undefined {
  return /^(0|[1-9][0-9]{0,8})$/.test(segment) ? Number(segment) : undefined
}
