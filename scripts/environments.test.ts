import { resolve } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

// What each environment must not know. (Types of a package of the task board drag Node's into the page's project.)
test.for([
  {
    project: 'tsconfig.worker.json',
    file: 'src/runtime/events/probe.ts',
    known: 'indexedDB',
    unknown: ['window', 'document', 'localStorage', 'process'],
  },
  {
    project: 'tsconfig.page.json',
    file: 'src/devtools/probe.ts',
    known: 'window',
    unknown: ['DedicatedWorkerGlobalScope', 'importScripts'],
  },
  {
    project: 'tsconfig.node.json',
    file: 'src/runtime/storage/level/probe.ts',
    known: 'process',
    unknown: ['window', 'document', 'localStorage'],
  },
])('$project: $file knows $known, and none of $unknown', ({ project, file, known, unknown }) => {
  const names = [known, ...unknown]
  const lines = names.map((name, at) => `export const probe${at} = ${name}\n`)
  expect(complaints(project, file, lines.join(''))).toEqual(unknown.map((name) => expect.stringContaining(`Cannot find name '${name}'`)))
})

/** Compiles a text as a file of the project, beside all of its real files: what their packages drag in counts. */
function complaints(project: string, file: string, source: string): readonly string[] {
  const onUnRecoverableConfigFileDiagnostic = (problem: ts.Diagnostic): void => expect.fail(text(problem))
  const config = ts.getParsedCommandLineOfConfigFile(
    resolve(project),
    { incremental: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic },
  )
  if (config === undefined) return expect.fail(`${project} could not be read`)
  const path = resolve(file)
  const host = ts.createCompilerHost(config.options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => name === path || fileExists(name)
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2023) : getSourceFile(name, ...rest)
  const program = ts.createProgram({ rootNames: [...config.fileNames, path], options: config.options, host })
  return program.getSemanticDiagnostics(program.getSourceFile(path)).map(text)
}

function text(problem: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(problem.messageText, '\n')
}
