import type { FileReference } from './file.js'
import type { Value, ValueMap } from './value.js'

/** A Yjs text delta (the Quill format): retain, insert or delete, in order. Lengths in UTF-16 code units. */
export type TextDelta = readonly TextDeltaStep[]
export type TextDeltaStep =
  | { readonly retain: number; readonly attributes?: ValueMap }
  | { readonly insert: string; readonly attributes?: ValueMap }
  | { readonly delete: number }

/**
 * What an event does at its path. `file` takes the content itself, or the reference of content that is stored already; the state and the event hold the
 * reference.
 */
export type Operation =
  | { readonly op: 'put'; readonly value: Value }
  | { readonly op: 'patch'; readonly value: ValueMap }
  | { readonly op: 'remove' }
  | { readonly op: 'add'; readonly value: number }
  | { readonly op: 'insert'; readonly index: number; readonly value: Value }
  | { readonly op: 'delete'; readonly index: number; readonly count: number }
  | { readonly op: 'text'; readonly delta: TextDelta }
  | { readonly op: 'file'; readonly value: Blob | FileReference }

/** `undo` is made by `undo()`, never submitted by hand. */
export const OPERATION_NAMES = ['put', 'patch', 'remove', 'add', 'insert', 'delete', 'text', 'file', 'undo'] as const
export type OperationName = (typeof OPERATION_NAMES)[number]
