import type { Value } from 'spicetime'
import { useMemo, useState } from 'preact/hooks'
import type { Tools } from '../tools.js'
import { useChanges } from '../ui/diagnostics-feed.js'
import { useAnswer, useStream } from '../ui/follow.js'
import { counted } from '../ui/format.js'
import { Empty, Failure } from '../ui/parts.js'
import { Rows } from '../ui/rows.js'
import { Below, Branch, Capped } from '../ui/tree.js'
import { DocumentNode } from './document-node.js'

/** Spaces, collections, documents and values. A branch asks the runtime only while it is open. */
export function StateView(tools: Tools) {
  const [filter, setFilter] = useState('')
  const { value: spaces, failure, retry } = useAnswer((signal) => tools.runtime.spaces({ signal }), 'spaces')
  useChanges(tools.runtime, {
    concerns: (diagnostic) => diagnostic.kind === 'event-applied' && !isKnown(diagnostic.path, spaces ?? []),
    changed: retry,
  })
  return (
    <>
      <div class="bar">
        <input
          class="field mono"
          type="search"
          placeholder="Filter documents by name or title"
          aria-label="Only documents whose name or title holds this"
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => setFilter(currentTarget.value.trim().toLowerCase())}
        />
      </div>
      {failure === undefined ? null : <Failure error={failure} onRetry={retry} />}
      <Rows label="State" role="tree">
        <SpaceNode {...tools} id="me" name="this device only" filter={filter} />
        {spaces?.map((space) => (
          <SpaceNode key={space.id} {...tools} id={space.id} name={space.name} filter={filter} />
        ))}
      </Rows>
    </>
  )
}

function isKnown(path: string, spaces: readonly { readonly id: string }[]): boolean {
  const space = path.slice(0, path.indexOf('/'))
  return space === 'me' || spaces.some(({ id }) => id === space)
}

interface SpaceProps extends Tools {
  readonly id: string
  readonly name: string
  readonly filter: string
}

function SpaceNode({ id, name, ...props }: SpaceProps) {
  return (
    <Branch level={1} label={id} note={name} open>
      {() => <OpenSpace id={id} {...props} />}
    </Branch>
  )
}

function OpenSpace({ id, filter, ...tools }: Omit<SpaceProps, 'name'>) {
  const { value: state, failure, retry } = useStream((signal) => tools.runtime.watchState(id, { signal }), id)
  const collections = Object.entries(mapOf(state?.value))
  if (failure !== undefined) {
    return (
      <Below level={2}>
        <Failure error={failure} onRetry={retry} />
      </Below>
    )
  }
  if (collections.length === 0) {
    return (
      <Below level={2}>
        <Empty>{state === undefined ? 'Reading.' : 'Nothing is here.'}</Empty>
      </Below>
    )
  }
  return (
    <>
      {collections.map(([name, documents]) => (
        <CollectionNode key={name} {...tools} path={`${id}/${name}`} label={name} documents={mapOf(documents)} filter={filter} />
      ))}
    </>
  )
}

interface CollectionProps extends Tools {
  readonly path: string
  readonly label: string
  readonly documents: Documents
  readonly filter: string
}

function CollectionNode({ documents, label, ...props }: CollectionProps) {
  return (
    <Branch level={2} label={label} note={counted(Object.keys(documents).length, 'document')}>
      {() => <OpenCollection documents={documents} {...props} />}
    </Branch>
  )
}

function OpenCollection({ path, documents, filter, ...tools }: Omit<CollectionProps, 'label'>) {
  const names = useMemo(
    () => Object.keys(documents).filter((name) => filter === '' || `${name} ${titleOf(documents[name])}`.toLowerCase().includes(filter)),
    [documents, filter],
  )
  if (names.length === 0) {
    return (
      <Below level={3}>
        <Empty>No document matches the filter.</Empty>
      </Below>
    )
  }
  return (
    <Capped
      items={names}
      level={3}
      render={(name) => <DocumentNode key={name} {...tools} path={`${path}/${name}`} label={name} note={titleOf(documents[name])} />}
    />
  )
}

type Documents = { readonly [name: string]: Value }

function mapOf(value: Value | undefined): Documents {
  const none: Documents = {}
  return isMap(value) ? value : none
}

function isMap(value: Value | undefined): value is Documents {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

/** What a person would call the document, where its fields tell. */
function titleOf(value: Value | undefined): string {
  const { title, name } = mapOf(value)
  return typeof title === 'string' ? title : typeof name === 'string' ? name : ''
}
