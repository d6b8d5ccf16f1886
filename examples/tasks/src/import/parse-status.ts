import type { Status } from '../model/task.js'

const WORDS: { readonly [S in Status]: readonly string[] } = {
  todo: ['todo', 'to do', 'open', 'opened', 'reopened', 'new', 'backlog', 'icebox', 'inbox', 'planned', 'ready', 'not started', 'unstarted',
    'pending', 'next', 'next up', 'selected for development', 'triage', 'needs triage', 'waiting', 'blocked', 'on hold', 'false', 'no', 'incomplete'],
  doing: ['doing', 'in progress', 'started', 'active', 'wip', 'work in progress', 'in development', 'in review', 'review', 'code review',
    'testing', 'in testing', 'qa', 'in qa', 'ongoing', 'current', 'working on it'],
  done: ['done', 'closed', 'complete', 'completed', 'resolved', 'fixed', 'finished', 'merged', 'released', 'shipped', 'deployed', 'archived',
    'cancelled', 'canceled', "won't do", 'wont do', "won't fix", 'wontfix', 'duplicate', 'not planned', 'true', 'yes'],
}

const BY_WORD = new Map<string, Status>([
  ...WORDS.todo.map((word): [string, Status] => [word, 'todo']),
  ...WORDS.doing.map((word): [string, Status] => [word, 'doing']),
  ...WORDS.done.map((word): [string, Status] => [word, 'done']),
])

/** The column that a tool's status belongs to; undefined for a word that is not known. An empty one is `todo`. */
export function parseStatus(text: string): Status | undefined {
  const word = text.toLowerCase().replace(/’/g, "'").replace(/[\s_-]+/g, ' ').trim()
  return word === '' ? 'todo' : BY_WORD.get(word)
}
