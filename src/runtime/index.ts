/** The public API of the package `spicetime`. */
export { connect } from './connect.js'
export type { ConnectOptions } from './connect.js'
export { hasHolochainLauncher, offerHolochainConductor } from './page/holochain-conductor.js'
export type { HolochainClient, HolochainConductorOffer, HolochainConductorOptions } from './page/holochain-conductor.js'
export { offerSolanaWallet } from './page/solana-wallet.js'
export type { SolanaWalletOffer, SolanaWalletOptions } from './page/solana-wallet.js'
export { SpiceTimeError, isSpiceTimeError } from './errors/spice-time-error.js'
export type { ErrorContext } from './errors/spice-time-error.js'
export type { ErrorCode } from './errors/codes.js'
export { encodeSegment } from './model/path.js'
export type { DocumentPath, SpaceId, StatePath } from './model/path.js'
export type { AuthorId, EventId, EventInput, EventSummary, HybridTime, SpaceReference } from './model/event.js'
export type { Candidate, Decision, Delivery, DeliveryPhase, Leg, PolicyName, PolicyWeights } from './model/decision.js'
export type { HolochainSettings, NetworkSettings, SolanaSettings } from './model/network-settings.js'
export type { NetworkBudget, RoutingPolicy } from './model/routing-policy.js'
export type { Level, Network, Requirement } from './model/network.js'
export type { Operation, OperationName, TextDelta, TextDeltaStep } from './model/operation.js'
export type { ChainOrder, Receipt } from './model/receipt.js'
export type {
  ConnectionReport,
  CreateSpaceOptions,
  EventQuery,
  FileContent,
  GetFileOptions,
  LiveDocument,
  PutFileOptions,
  PageAnswerer,
  ReadOptions,
  RuntimeClient,
  StorageReport,
  UndoOptions,
  WaitOptions,
} from './runtime-client.js'
export type { FileReference, FileSeal } from './model/file.js'
export type { ContentAvailability, FileInfo, PinReport } from './model/file-info.js'
export type { Member, Space } from './model/space.js'
export type { MergePolicy, NetworkState, State } from './model/state.js'
export type { NetworkReport, Standing, Trace } from './model/trace.js'
export type { Value, ValueMap } from './model/value.js'
export type { Diagnostic, DiagnosticEntry } from './diagnostics/diagnostics.js'
