import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ARTIFACT, hashSources, HOSTILE, RECORD, sha256 } from './holochain-sources.mjs'

test('the packed Holochain app is built from the sources beside it: after a change of them, `npm run build:holochain`', () => {
  const record: unknown = JSON.parse(readFileSync(RECORD, 'utf8'))
  expect(record).toMatchObject({
    sources: hashSources('holochain'),
    artifact: sha256(readFileSync(ARTIFACT)),
    hostile: sha256(readFileSync(HOSTILE)),
  })
})
