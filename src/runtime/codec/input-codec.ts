import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { EventBody, EventId } from '../model/event.js'
import { isRequirement } from '../model/network.js'
import type { Requirement } from '../model/network.js'
import { OPERATION_NAMES } from '../model/operation.js'
import type { OperationName } from '../model/operation.js'
import { documentOf, parseEventPath, spaceOf } from '../model/path.js'
import type { DocumentPath, SpaceId, StatePath } from '../model/path.js'
import type { MergePolicy } from '../model/state.js'
import { parseArguments } from './content-codec.js'
import { parseEventId, PRIVATE } from './event-id.js'

/** An EventInput after the door: every field checked, defaults filled in. */
export interface ParsedInput {
  readonly path: StatePath
  readonly document: DocumentPath
  readonly space: SpaceId
  readonly op: OperationName
  readonly body: EventBody
  readonly needs: readonly Requirement[]
  readonly expect?: readonly EventId[]
  readonly after: readonly EventId[]
  readonly public: boolean
  readonly maxCost?: number
  readonly deadline?: number
}

/**
 * Parses what an application submits.
 * @param declared the merge policy that the space declares for the document: what is ordered by consensus needs consensus unless told otherwise
 * @throws SpiceTimeError, one code for each thing that can be wrong
 */
export function parseInput(foreign: unknown, declared: (document: DocumentPath) => MergePolicy | undefined = () => undefined): ParsedInput {
  if (!isRecord(foreign)) throw malformed('it is not an object with path and op')
  const path = parseEventPath(foreign['path'])
  const document = documentOf(path)
  if (document === undefined) throw malformed('its path names no document')
  const space = spaceOf(path)
  const op = OPERATION_NAMES.find((name) => name === foreign['op'])
  if (op === undefined || op === 'undo') {
    throw new SpiceTimeError(
      'OPERATION_UNKNOWN',
      `The operation '${String(foreign['op'])}' is unknown. Use put, patch, remove, add, insert, delete, text or file; to undo, call undo().`,
      { path },
    )
  }
  const needs = foreign['requires'] === undefined ? usualNeeds(op, space, declared(document)) : parseNeeds(foreign['requires'], space)
  const expect = foreign['expect'] === undefined ? undefined : parseIds('expect', foreign['expect'])
  if (expect !== undefined && !needs.includes('consensus')) throw malformed("'expect' is decided by consensus: add requires: 'consensus'")
  return {
    path,
    document,
    space,
    op,
    body: parseArguments(op, foreign),
    needs,
    ...(expect === undefined ? {} : { expect }),
    after: foreign['after'] === undefined ? [] : parseIds('after', foreign['after']),
    public: foreign['public'] === true,
    ...optionalNumber('maxCost', foreign['maxCost']),
    ...optionalNumber('deadline', foreign['deadline']),
  }
}

function usualNeeds(op: OperationName, space: SpaceId, policy: MergePolicy | undefined): readonly Requirement[] {
  if (space === PRIVATE) return ['local']
  const usual = policy === 'consensus' ? 'consensus' : 'team'
  return op === 'file' ? [usual, 'storage'] : [usual]
}

function parseNeeds(foreign: unknown, space: SpaceId): readonly Requirement[] {
  const list: readonly unknown[] = Array.isArray(foreign) ? foreign : [foreign]
  const needs = list.filter(isRequirement)
  if (needs.length === 0 || needs.length !== list.length || new Set(needs).size !== needs.length) {
    throw malformed("'requires' takes local, team, storage, consensus, or a list of different ones")
  }
  if (space === PRIVATE && needs.some((need) => need !== 'local')) {
    throw new SpiceTimeError(
      'SPACE_PRIVATE',
      "The space 'me' never leaves this device, so its events can only require 'local'. Create a space to share.",
      { space },
    )
  }
  return needs
}

function parseIds(name: string, foreign: unknown): readonly EventId[] {
  if (!Array.isArray(foreign) || foreign.length > 32) throw malformed(`'${name}' must be a list of at most 32 EventIds`)
  return [...new Set(foreign.map((id: unknown) => parseEventId(id)))].sort()
}

function optionalNumber<K extends string>(name: K, foreign: unknown): { readonly [P in K]?: number } {
  if (foreign === undefined) return {}
  if (typeof foreign !== 'number' || !Number.isFinite(foreign) || foreign < 0) throw malformed(`'${name}' must be a number of at least 0`)
  const entry: { [P in K]?: number } = {}
  entry[name] = foreign
  return entry
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function malformed(why: string): SpiceTimeError {
  return new SpiceTimeError('INPUT_MALFORMED', `The event can't be submitted: ${why}.`)
}
