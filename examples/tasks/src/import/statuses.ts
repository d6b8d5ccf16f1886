import type { Status } from '../model/task.js'

const WORDS: { readonly [S in Status]: readonly string[] } = {
  todo: [
    'todo',
    'open',
    'opened',
    'new',
    'backlog',
    'reopened',
    'ready',
    'selectedfordevelopment',
    'notstarted',
    'planned',
    'triage',
    'unstarted',
    'icebox',
    'inbox',
    'later',
    'next',
    'nextup',
    'pending',
    'proposed',
    'ideas',
    'false',
    'no',
    '0',
  ],
  doing: [
    'doing',
    'inprogress',
    'started',
    'inreview',
    'review',
    'codereview',
    'active',
    'wip',
    'testing',
    'blocked',
    'indevelopment',
    'development',
    'working',
    'workingonit',
    'underreview',
    'qa',
    'ongoing',
    'current',
    'waiting',
    'onhold',
  ],
  done: [
    'done',
    'closed',
    'complete',
    'completed',
    'resolved',
    'finished',
    'merged',
    'fixed',
    'shipped',
    'released',
    'archived',
    'canceled',
    'cancelled',
    'wontfix',
    'wontdo',
    'duplicate',
    'true',
    'yes',
    '1',
  ],
}

const BY_WORD = new Map<string, Status>([
  ...WORDS.todo.map((word) => [word, 'todo'] as const),
  ...WORDS.doing.map((word) => [word, 'doing'] as const),
  ...WORDS.done.map((word) => [word, 'done'] as const),
])

/** The status that another tool's word means; `todo` for none, undefined for one that is not known. */
export function parseStatus(text: string): Status | undefined {
  const word = text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  return word === '' ? 'todo' : BY_WORD.get(word)
}
