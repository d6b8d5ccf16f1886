// What Yjs takes of lib0/logging, whose own versions bring colours for terminals, or a library for the DOM, into the worker.
export const BOLD = ''
export const UNBOLD = ''
export const ORANGE = ''
export const RED = ''

/** @param {unknown[]} parts */
export const print = (...parts) => console.log(...parts)

/** @param {unknown[]} parts */
export const warn = (...parts) => console.warn(...parts)
