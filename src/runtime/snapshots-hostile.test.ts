import { beforeEach, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { authorOf, generateAuthorPair, loadAuthor } from './crypto/signing.js'
import type { Author } from './crypto/signing.js'
import { sortIds } from './events/snapshot-source.js'
import { hybridTime } from './model/event.js'
import type { SnapshotPieces } from './networks/provider.js'
import { openSnapshot, sealSnapshot } from './snapshots/sealed-snapshot.js'
import type { OpenedSnapshot } from './snapshots/sealed-snapshot.js'
import { SpaceManager } from './spaces/space-manager.js'
import type { MergedDocument } from './state/state-manager.js'
import { openMemoryStore } from './storage/memory/memory-store.js'
import { SnapshotWorld } from './testing/snapshot-world.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

/** What a dishonest member makes of a good snapshot; signed anew by the author, or by somebody else. */
type Forgery = (good: OpenedSnapshot, author: Author) => Promise<Partial<Lie>> | Partial<Lie>
interface Lie extends OpenedSnapshot {
  readonly author: Author
}

let world: SnapshotWorld

beforeEach(async () => {
  world = await SnapshotWorld.create(20)
  for (let index = 0; index < 24; index++)
    await world.ada.runtime.submitEvent({ path: `shared/tasks/${index % 5}`, op: 'patch', value: { [`f${index % 3}`]: index } })
  await world.until(() => world.published() === 1)
  return async () => await world.close()
})

/** Has the network give something else than what was published. */
async function forge(forgery: Forgery): Promise<void> {
  const { network, ada, platform } = world
  const snapshots = network.snapshots ?? expect.fail('the network keeps no snapshots')
  const [published] = snapshots.publishedIn(world.space.reference)
  const { store, keys } = await openMemoryStore({ disk: ada.disk })
  const author = await loadAuthor(keys)
  const spaces = await SpaceManager.open({ store, author, platform })
  const access = spaces.byId(world.space.id) ?? expect.fail('no space')
  const good = await openSnapshot(published ?? expect.fail('nothing was published'), access)
  const lie = { ...good, author, ...(await forgery(good, author)) }
  const forged = await sealSnapshot(lie.body, lie.manifest, {
    author: lie.author,
    access,
    limits: { maxPartBytes: 16 * 1024, maxParts: 99 },
  })
  snapshots.tamper = () => forged
}

function withDocument({ body, ...rest }: OpenedSnapshot, change: Partial<MergedDocument>): OpenedSnapshot {
  const [first, ...others] = body.documents
  return { ...rest, body: { ...body, documents: [{ ...(first ?? expect.fail('no document')), ...change }, ...others] } }
}

function updateOf(client: number, change: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = client
  change(doc)
  return Y.encodeStateAsUpdateV2(doc)
}

/** One run-length encoded column says `count` structs of one kind. */
function endlessUpdate(): Uint8Array {
  const update = updateOf(1, (doc) => doc.getArray('a').push([1]))
  const encoder = new Y.UpdateEncoderV2()
  for (let index = 0; index < 600_000; index++) encoder.writeInfo(0)
  return update.length > 0 ? manyStructs(encoder) : update
}

function manyStructs(encoder: Y.UpdateEncoderV2): Uint8Array {
  const count = 600_000
  encoder.writeClient(1)
  for (let index = 0; index < count; index++) encoder.writeLen(1)
  const { restEncoder } = encoder
  for (const number of [1, count, 0]) writeVarUint(restEncoder.cbuf, restEncoder, number)
  return encoder.toUint8Array()
}

function writeVarUint(_buffer: Uint8Array, encoder: { cbuf: Uint8Array; cpos: number }, number: number): void {
  let rest = number
  while (rest > 127) {
    encoder.cbuf[encoder.cpos++] = 128 | (rest & 127)
    rest = Math.floor(rest / 128)
  }
  encoder.cbuf[encoder.cpos++] = rest
}

const damaged: readonly (readonly [string, string, RegExp, (pieces: SnapshotPieces) => SnapshotPieces | undefined])[] = [
  ['whose parts are not all there', 'SNAPSHOT_REFUSED', /not all of its parts/, () => undefined],
  ['with a part too few', 'SNAPSHOT_REFUSED', /0 of its 1 parts/, ({ head }) => ({ head, parts: [] })],
  ['with a changed part', 'SNAPSHOT_REFUSED', /another one than it names/, ({ head, parts }) => ({ head, parts: parts.map(flipped) })],
  ['with a changed head', 'SNAPSHOT_REFUSED', /space's key|head/, ({ head, parts }) => ({ head: flipped(head), parts })],
  ['with no head', 'SNAPSHOT_REFUSED', /head/, ({ parts }) => ({ head: new Uint8Array(), parts })],
]

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte))
}

const forged: readonly (readonly [string, string, RegExp, Forgery])[] = [
  ['of a stranger', 'SNAPSHOT_REFUSED', /no member/, async () => ({ author: await authorOf(await generateAuthorPair()) })],
  [
    "signed with another key than its author's",
    'SIGNATURE_INVALID',
    /not signed by/,
    async (_good, { id }) => ({ author: { id, sign: (await authorOf(await generateAuthorPair())).sign } }),
  ],
  ['with a wrong root', 'SNAPSHOT_REFUSED', /root/, ({ manifest }) => ({ manifest: { ...manifest, root: new Uint8Array(32) } })],
  [
    'whose ids are in no order',
    'SNAPSHOT_REFUSED',
    /root/,
    ({ body, manifest }) => ({ manifest, body: { ...body, ids: new Uint8Array([...body.ids].toReversed()) } }),
  ],
  ['that leaves out ids', 'SNAPSHOT_REFUSED', /root/, ({ body }) => ({ body: { ...body, ids: sortIds([body.ids.subarray(0, 10)]) } })],
  ['that counts other events', 'SNAPSHOT_REFUSED', /counts/, ({ manifest }) => ({ manifest: { ...manifest, events: 7 } })],
  [
    'with a clock that is ahead',
    'SNAPSHOT_REFUSED',
    /clock/,
    ({ manifest }) => ({ manifest: { ...manifest, time: hybridTime(world.platform.now() + 3_600_000) } }),
  ],
  [
    "with changes of somebody's client id",
    'SNAPSHOT_REFUSED',
    /no author/,
    (good) => withDocument(good, { update: updateOf(12345, (doc) => doc.getMap('m').set('a', 1)) }),
  ],
  [
    'with bytes that are no Yjs update',
    'SNAPSHOT_REFUSED',
    /no Yjs update/,
    (good) => withDocument(good, { update: Uint8Array.of(1, 2, 3) }),
  ],
  ['with a document of endless structs', 'SNAPSHOT_REFUSED', /Yjs structs/, (good) => withDocument(good, { update: endlessUpdate() })],
  [
    'with a document of another space',
    'SNAPSHOT_REFUSED',
    /team merges/,
    (good) => withDocument(good, { path: 'me/tasks/1' as MergedDocument['path'] }),
  ],
  [
    'with a document twice',
    'SNAPSHOT_REFUSED',
    /twice/,
    ({ body, manifest }) => ({ manifest, body: { ...body, documents: [...body.documents, ...body.documents] } }),
  ],
  [
    'with a document of the future',
    'SNAPSHOT_REFUSED',
    /future/,
    (good) => withDocument(good, { updatedAt: world.platform.now() + 3_600_000 }),
  ],
  ['that carries no first events', 'SNAPSHOT_REFUSED', /beyond|holds/, ({ body }) => ({ body: { ...body, carried: [] } })],
  [
    'that carries something that is no event',
    'SNAPSHOT_REFUSED',
    /no signed event/,
    ({ body }) => ({ body: { ...body, carried: [Uint8Array.of(1), ...body.carried] } }),
  ],
  ['without chains', 'SNAPSHOT_REFUSED', /chains/, ({ body }) => ({ body: { ...body, tips: [] } })],
  [
    'that does not say how far its author pulled',
    'INPUT_MALFORMED',
    /how far/,
    ({ manifest }) => ({ manifest: { ...manifest, mark: '99' } }),
  ],
]

async function refusedAndReplayed(code: string, reason: RegExp): Promise<void> {
  const { ada, space } = world
  const ben = await world.join('ben')
  await world.until(() => world.alike(ada, ben))
  const told = ben.seen.flatMap(({ diagnostic }) => (diagnostic.kind === 'snapshot-refused' ? [diagnostic] : []))
  expect(told[0]).toMatchObject({ code, reason: expect.stringMatching(reason) })
  expect(ben.seen.some(({ diagnostic }) => diagnostic.kind === 'snapshot-taken')).toBe(false)
  // The whole past, and its own entry.
  expect(await ben.log(space.id)).toHaveLength(25 + 1)
}

test.each(damaged)('a snapshot %s is refused, and the past fetched', async (...[, code, reason, tamper]) => {
  const snapshots = world.network.snapshots ?? expect.fail('the network keeps no snapshots')
  snapshots.tamper = tamper
  await refusedAndReplayed(code, reason)
})

test.each(forged)('a snapshot %s is refused, and the past fetched', async (...[, code, reason, forgery]) => {
  await forge(forgery)
  await refusedAndReplayed(code, reason)
})
