import { parseArgs } from 'node:util'
import { asSpiceTimeError, SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import { surroundings } from '../binaries.js'
import type { Surroundings } from '../binaries.js'
import { isPeerProgram, PEER_PROGRAMS, STARTED_PROGRAMS } from '../programs.js'
import type { PeerProgram } from '../programs.js'
import { planInstall, surveyLines, surveyPrograms } from './install-plan.js'
import type { InstallPlan } from './install-plan.js'
import { buildFolder, installSource, requireBuildable } from './install-source.js'
import { LOG } from './build-run.js'
import { processTerminal } from './terminal.js'
import type { Terminal } from './terminal.js'

export const USAGE = `npm run devnet:install [program …] [-- --yes | --list]
  Builds programs of the networks into this runtime's own cache: ${PEER_PROGRAMS.join(', ')}.
  Without a name: those that \`npm start\` runs (${STARTED_PROGRAMS.join(', ')}) and that are missing.
  --yes   asks no question
  --list  says what is found, where and in which version`

export interface CommandSurroundings {
  readonly around: Surroundings
  readonly terminal: Terminal
  /** Ends a build; the same command goes on with it. */
  readonly signal?: AbortSignal
}

/** Of the process that runs the command. */
export function commandSurroundings(signal: AbortSignal): CommandSurroundings {
  return { around: surroundings(), terminal: processTerminal(), signal }
}

/**
 * `npm run devnet:install`: what it does is said first, and asked for.
 * @param words the command's arguments
 * @returns the process's exit code: 0 when all that was asked for is there
 */
export async function runInstallCommand(words: readonly string[], here: CommandSurroundings): Promise<number> {
  try {
    return await run(words, here)
  } catch (error) {
    here.terminal.say(asSpiceTimeError(error).message)
    return 1
  }
}

async function run(words: readonly string[], here: CommandSurroundings): Promise<number> {
  const { programs, list, yes, help } = readWords(words)
  const { terminal, around } = here
  if (help) {
    terminal.say(USAGE)
    return 0
  }
  if (list) {
    for (const line of surveyLines(await surveyPrograms(around))) terminal.say(line)
    return 0
  }
  const plan = planInstall(await surveyPrograms(around, programs.length === 0 ? STARTED_PROGRAMS : programs), around)
  for (const line of plan.lines) terminal.say(line)
  if (plan.sources.length === 0) return 0
  // What can't end well is refused before anybody is asked.
  for (const source of plan.sources) await requireBuildable(source, around)
  if (!yes && !(await agreed(terminal))) return 1
  await install(plan, here)
  return 0
}

async function agreed(terminal: Terminal): Promise<boolean> {
  if (terminal.ask === undefined) {
    terminal.say('There is no terminal to ask on: add `-- --yes` to go on.')
    return false
  }
  const answer = await terminal.ask('Go on? [y/N] ')
  return /^y(es)?$/i.test(answer.trim())
}

async function install({ sources }: InstallPlan, { around, terminal, signal }: CommandSurroundings): Promise<void> {
  for (const source of sources) {
    terminal.say(`Building ${source.name} ${source.version}; its log is ${buildFolder(source, around)}/${LOG}`)
    const options = { around, progress: terminal.progress, ...(signal === undefined ? {} : { signal }) }
    for (const path of await installSource(source, options)) terminal.say(`Installed ${path}`)
  }
}

interface Words {
  readonly programs: readonly PeerProgram[]
  readonly list: boolean
  readonly yes: boolean
  readonly help: boolean
}

/** @throws SpiceTimeError INPUT_MALFORMED for what is no program and no option */
function readWords(words: readonly string[]): Words {
  const flag = { type: 'boolean', default: false } as const
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { list: flag, yes: flag, help: flag },
    })
    const programs = positionals.filter(isPeerProgram)
    const unknown = positionals.filter((name) => !isPeerProgram(name))
    if (unknown.length > 0) throw new Error(`No network’s program is called ${unknown.join(' or ')}.`)
    return { programs, ...values }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new SpiceTimeError('INPUT_MALFORMED', `${message}\n${USAGE}`, {}, error)
  }
}
