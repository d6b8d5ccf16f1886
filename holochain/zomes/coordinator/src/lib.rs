//! What the runtime calls. `src/runtime/networks/holochain/zome-calls.ts` is the other end: change both together.

mod marks;
mod publishing;
mod pulling;
mod records;
mod snapshots;
mod warrants;

use hdk::prelude::*;
use publishing::{find_batch, guest_error, publish_batch, Published};
use pulling::{list_heads, list_members, pull_batches, Head, PullInput, Pulled};
use serde_bytes::ByteBuf;
use snapshots::{list_snapshots, publish_head, publish_piece, read_piece, HeadInput, OfferedSnapshot, ReadInput};
use spicetime_integrity::anchors::members_anchor;
use spicetime_integrity::{Batch, LinkTypes, Snapshot, NETWORK_VERSION};
use warrants::{list_refused, Refused};

/// Most bytes of one signal's payload.
const MAX_SIGNAL_BYTES: usize = 64 * 1024;
const RECEIVE: &str = "recv_remote_signal";

#[hdk_extern]
pub fn init(_: ()) -> ExternResult<InitCallbackResult> {
    // Anyone in this network, which is whoever knows the space's seed, may send a signal here.
    let functions = GrantedFunctions::Listed(HashSet::from([(zome_info()?.name, RECEIVE.into())]));
    create_cap_grant(CapGrantEntry::new_zome_call_grant("signals".into(), GrantConstraint::Unrestricted, functions))?;
    let agent = agent_info()?.agent_initial_pubkey;
    create_link(members_anchor()?, agent, LinkTypes::Members, ())?;
    Ok(InitCallbackResult::Pass)
}

/// The version of this network's rules.
#[hdk_extern]
pub fn version(_: ()) -> ExternResult<u8> {
    Ok(NETWORK_VERSION)
}

#[hdk_extern]
pub fn publish(batch: Batch) -> ExternResult<Published> {
    publish_batch(batch)
}

/// What `publish` of the same batch gave, without writing anything.
#[hdk_extern]
pub fn find(batch: Batch) -> ExternResult<Option<Published>> {
    find_batch(&batch)
}

#[hdk_extern]
pub fn pull(input: PullInput) -> ExternResult<Pulled> {
    pull_batches(input)
}

#[hdk_extern]
pub fn heads(_: ()) -> ExternResult<Vec<Head>> {
    list_heads()
}

#[hdk_extern]
pub fn members(_: ()) -> ExternResult<Vec<AgentPubKey>> {
    list_members(GetStrategy::Local)
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Holders {
    pub action: ActionHash,
    /// Other nodes that validated the batch, and so hold it.
    pub holders: Vec<AgentPubKey>,
    /// Other nodes that refused it.
    pub refused: Vec<AgentPubKey>,
}

/// Who answered for the batches that this agent published.
#[hdk_extern]
pub fn receipts(actions: Vec<ActionHash>) -> ExternResult<Vec<Holders>> {
    actions.into_iter().map(holders_of).collect()
}

fn holders_of(action: ActionHash) -> ExternResult<Holders> {
    let (mut holders, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for set in get_validation_receipts(GetValidationReceiptsInput::new(action.clone()))? {
        for receipt in set.receipts {
            match (receipt.validation_status, set.op_type.as_str()) {
                // Of the operations that one action makes, these two store the batch itself.
                (ValidationStatus::Valid, "CreateEntry" | "CreateRecord" | "StoreEntry" | "StoreRecord") => holders.extend(receipt.validators),
                (ValidationStatus::Rejected, _) => refused.extend(receipt.validators),
                _ => (),
            }
        }
    }
    Ok(Holders { action, holders: holders.into_iter().collect(), refused: refused.into_iter().collect() })
}

/// What nodes refused of what members wrote, as far as this node knows.
#[hdk_extern]
pub fn refused(_: ()) -> ExternResult<Vec<Refused>> {
    list_refused()
}

/// A part of a snapshot; the same again is not written again.
#[hdk_extern]
pub fn publish_part(part: Snapshot) -> ExternResult<ActionHash> {
    publish_piece(part)
}

/// A head whose parts are published, where newcomers find it.
#[hdk_extern]
pub fn publish_snapshot(input: HeadInput) -> ExternResult<ActionHash> {
    publish_head(input)
}

/// Each agent's newest snapshot, the one that covers most events first. Asks other nodes too where that is said.
#[hdk_extern]
pub fn snapshots(network: bool) -> ExternResult<Vec<OfferedSnapshot>> {
    list_snapshots(network)
}

/// A head or a part; undefined while it has not arrived.
#[hdk_extern]
pub fn read_snapshot(input: ReadInput) -> ExternResult<Option<Snapshot>> {
    read_piece(input)
}

#[derive(Debug, Serialize, Deserialize)]
pub struct SignalInput {
    /// Empty: all members but this agent.
    pub agents: Vec<AgentPubKey>,
    pub payload: ByteBuf,
}

/// Hands a payload to whoever is online. Nothing is kept, and nobody learns whether it arrived.
#[hdk_extern]
pub fn send_signal(input: SignalInput) -> ExternResult<()> {
    if input.payload.len() > MAX_SIGNAL_BYTES {
        return Err(guest_error(&format!("a signal of {} bytes; at most {MAX_SIGNAL_BYTES} fit", input.payload.len())));
    }
    let me = agent_info()?.agent_initial_pubkey;
    let asked = if input.agents.is_empty() { list_members(GetStrategy::Local)? } else { input.agents };
    send_remote_signal(input.payload, asked.into_iter().filter(|agent| *agent != me).collect())
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Signal {
    /// Whose conductor sent it; the network vouches for it.
    pub from: AgentPubKey,
    pub payload: ByteBuf,
}

#[hdk_extern]
pub fn recv_remote_signal(payload: ByteBuf) -> ExternResult<()> {
    if payload.len() > MAX_SIGNAL_BYTES {
        return Ok(());
    }
    emit_signal(Signal { from: call_info()?.provenance, payload })
}
