import { expect, test } from 'vitest'
import { commandOf } from './keys.js'

const press = (key: string, ...modifiers: ('alt' | 'ctrl' | 'meta' | 'shift')[]): Parameters<typeof commandOf>[0] => ({
  key,
  altKey: modifiers.includes('alt'),
  ctrlKey: modifiers.includes('ctrl'),
  metaKey: modifiers.includes('meta'),
  shiftKey: modifiers.includes('shift'),
})

test.each([
  [press('ArrowLeft'), { kind: 'focus', direction: 'left' }],
  [press('ArrowLeft', 'alt'), { kind: 'move', direction: 'left' }],
  [press('z', 'ctrl'), { kind: 'undo' }],
  [press('Z', 'meta'), { kind: 'undo' }],
  [press('z', 'ctrl', 'shift'), undefined],
  [press('z'), undefined],
  [press('n'), { kind: 'new' }],
  [press('n', 'ctrl'), undefined],
  [press('?', 'shift'), { kind: 'help' }],
  [press('x'), undefined],
])('%j is %j', (pressed, command) => {
  expect(commandOf(pressed)).toEqual(command)
})
