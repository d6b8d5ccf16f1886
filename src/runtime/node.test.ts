import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connect } from './node.js'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spicetime-node-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('what was submitted is there when the folder is opened again, by the same author', async () => {
  const first = await connect({ directory })
  const id = await first.submitEvent({ path: 'me/tasks/1', op: 'put', value: { title: 'Ship it' } })
  const { author } = await first.trace(id)
  await first.close()

  const second = await connect({ directory })
  expect(await second.getState('me/tasks/1')).toMatchObject({ value: { title: 'Ship it' }, heads: [id], level: 'local' })
  const next = await second.submitEvent({ path: 'me/tasks/1', op: 'patch', value: { done: true } })
  expect(await second.trace(next)).toMatchObject({ author })
  expect(second.connection.kind).toBe('process')
  await second.close()
})

test('a folder that another runtime holds is refused, and its holder goes on', async () => {
  const holder = await connect({ directory })
  await expect(connect({ directory })).rejects.toMatchObject({ code: 'STORAGE_BLOCKED' })
  const id = await holder.submitEvent({ path: 'me/tasks/1', op: 'put', value: 1 })
  expect(await holder.getState('me/tasks/1')).toMatchObject({ value: 1, heads: [id] })
  await holder.close()
})

test('a closed client says so', async () => {
  const runtime = await connect({ directory })
  await runtime.close()
  await expect(runtime.getState('me/tasks/1')).rejects.toMatchObject({ code: 'RUNTIME_CLOSED' })
})
