import { createInterface } from 'node:readline/promises'

/** Who runs the command. */
export interface Terminal {
  say(line: string): void
  /** What a build writes now: shown for a moment, or not at all. */
  readonly progress: (line: string) => void
  /** Undefined where nobody can be asked. */
  readonly ask?: (question: string) => Promise<string>
}

const CLEAR_LINE = '\r\u001b[K'

/** This process's own. */
export function processTerminal(): Terminal {
  const { stdin, stdout } = process
  const clear = stdout.isTTY ? CLEAR_LINE : ''
  return {
    say: (line) => void stdout.write(`${clear}${line}\n`),
    progress: (line) => {
      if (stdout.isTTY) stdout.write(`${CLEAR_LINE}${line.trim().slice(0, Math.max(stdout.columns - 1, 0))}`)
    },
    ...(stdin.isTTY && stdout.isTTY ? { ask: askOn } : {}),
  }
}

async function askOn(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return await lines.question(question)
  } finally {
    lines.close()
  }
}
