/** What a network's own program is built from. None of them comes with this package. */
interface Source {
  readonly version: string
  readonly programs: readonly string[]
  /** What the build needs besides its toolchain. */
  readonly needs: string
  /** How long the build takes on two cores, and how much disk while it runs: for people, and to refuse what can't end well. */
  readonly minutes: number
  readonly megabytes: number
  /** Where the project offers programs that are built already. */
  readonly releases?: string
}

/** A package of the registry that cargo uses. Its Cargo.lock pins what it is built from. */
export interface CrateSource extends Source {
  readonly kind: 'crate'
  readonly name: string
  /** Of the `.crate` file: what the registry's index calls `cksum`. */
  readonly sha256: string
  /** The newest Rust that a package of its Cargo.lock asks for. */
  readonly rust: string
}

/** A module of the proxy that go uses. Its go.sum pins what it is built from. */
export interface GoSource extends Source {
  readonly kind: 'go'
  readonly name: string
  /** The package of its main program, below the module. */
  readonly main: string
  /** As go.sum has it for the module itself. */
  readonly h1: string
  readonly go: string
}

export type ProgramSource = CrateSource | GoSource

const HOLOCHAIN: CrateSource = {
  kind: 'crate',
  name: 'holochain',
  version: '0.7.1',
  sha256: 'f4bfdd6137ee65f2966cf0bbabed0ebfd71edc3a25443596c1bcad20c9a39035',
  rust: '1.94',
  programs: ['holochain'],
  needs: 'a C compiler, cmake, make and perl',
  minutes: 35,
  megabytes: 6000,
  releases: 'https://github.com/holochain/holochain/releases',
}

const HOLOCHAIN_TOOLS: CrateSource = {
  kind: 'crate',
  name: 'holochain_cli_bundle',
  version: '0.7.1',
  sha256: '18899cef18403f0c30e5062ee3a9fa4ed34e8a0278b4f9d0f3c1a4c37c55a7b6',
  rust: '1.88',
  programs: ['hc-dna', 'hc-app'],
  needs: 'a C compiler, cmake and make',
  minutes: 10,
  megabytes: 2000,
  releases: 'https://github.com/holochain/holochain/releases',
}

const BOOTSTRAP: CrateSource = {
  kind: 'crate',
  name: 'kitsune2_bootstrap_srv',
  version: '0.5.1',
  sha256: '8d87ece6c9e394a355fd4170fa2935087c4eaf71ce7e3b7aa26b06d16d6b3ac9',
  rust: '1.91',
  programs: ['kitsune2-bootstrap-srv'],
  needs: 'a C compiler and cmake',
  minutes: 10,
  megabytes: 2000,
}

const VALIDATOR: CrateSource = {
  kind: 'crate',
  name: 'agave-validator',
  version: '4.1.2',
  sha256: '88a333e417c9d58179274f14a5efbb278edbd706590fbbbd2210a370e418cadf',
  rust: '1.89',
  programs: ['solana-test-validator'],
  needs: 'clang, libclang, protobuf-compiler, libudev, libssl and pkg-config',
  minutes: 35,
  megabytes: 8000,
  releases: 'https://github.com/anza-xyz/agave/releases',
}

const KUBO: GoSource = {
  kind: 'go',
  name: 'github.com/ipfs/kubo',
  version: '0.40.1',
  main: 'cmd/ipfs',
  h1: 'h1:jCUBDTXFKp1lAewSOdAY00zsgrt0QLAgvSFldTSzgkI=',
  go: '1.25.0',
  programs: ['ipfs'],
  needs: 'nothing else',
  minutes: 10,
  megabytes: 2000,
  releases: 'https://github.com/ipfs/kubo/releases',
}

/** What each network's own program is called, and what it is built from. */
const SOURCES = {
  holochain: HOLOCHAIN,
  'kitsune2-bootstrap-srv': BOOTSTRAP,
  ipfs: KUBO,
  'hc-dna': HOLOCHAIN_TOOLS,
  'hc-app': HOLOCHAIN_TOOLS,
  'solana-test-validator': VALIDATOR,
} as const satisfies Readonly<Record<string, ProgramSource>>

export type PeerProgram = keyof typeof SOURCES

export const PEER_PROGRAMS: readonly PeerProgram[] = [
  'holochain',
  'kitsune2-bootstrap-srv',
  'ipfs',
  'hc-dna',
  'hc-app',
  'solana-test-validator',
]

/** Those that `npm start` runs; the others are for tests and for building the DNA. */
export const STARTED_PROGRAMS: readonly PeerProgram[] = ['holochain', 'kitsune2-bootstrap-srv', 'ipfs']

export function isPeerProgram(name: string): name is PeerProgram {
  return Object.hasOwn(SOURCES, name)
}

export function sourceOf(program: PeerProgram): ProgramSource {
  return SOURCES[program]
}

/** The command that gets programs, for a person to copy. */
export function howToGet(programs: readonly PeerProgram[]): string {
  return `npm run devnet:install ${programs.join(' ')}`
}
