//! Another coordinator for the same DNA: a DNA's hash covers its integrity zomes alone, so a modified client meets the same network. Never part of
//! the packed app.

use hdk::prelude::*;
use serde_bytes::ByteBuf;
use spicetime_integrity::anchors::{batches_anchor, members_anchor, snapshots_anchor};
use spicetime_integrity::{Batch, EntryTypes, LinkTypes, Snapshot, UnitEntryTypes};

/// Writes bytes as a batch without reading them as one.
#[hdk_extern]
pub fn create_raw(bytes: ByteBuf) -> ExternResult<ActionHash> {
    let entry = AppEntryBytes::try_from(SerializedBytes::from(UnsafeBytes::from(bytes.into_vec()))).map_err(|error| wasm_error!(WasmErrorInner::Guest(error.to_string())))?;
    let ScopedEntryDefIndex { zome_index, zome_type } = UnitEntryTypes::Batch.try_into()?;
    let place = EntryDefLocation::app(zome_index, zome_type);
    create(CreateInput::new(place, EntryVisibility::Public, Entry::App(entry), ChainTopOrdering::Strict))
}

#[hdk_extern]
pub fn create_batch(batch: Batch) -> ExternResult<ActionHash> {
    create_entry(EntryTypes::Batch(batch))
}

#[derive(Debug, Serialize, Deserialize)]
pub struct UpdateInput {
    pub action: ActionHash,
    pub batch: Batch,
}

#[hdk_extern]
pub fn update_batch(input: UpdateInput) -> ExternResult<ActionHash> {
    update_entry(input.action, EntryTypes::Batch(input.batch))
}

#[hdk_extern]
pub fn delete_batch(action: ActionHash) -> ExternResult<ActionHash> {
    delete_entry(action)
}

/// Deletes the first link to a batch of the agent.
#[hdk_extern]
pub fn delete_batch_link(agent: AgentPubKey) -> ExternResult<ActionHash> {
    let links = get_links(LinkQuery::try_new(batches_anchor(&agent, 0)?, LinkTypes::Batches)?, GetStrategy::Local)?;
    let link = links.into_iter().next().ok_or_else(|| wasm_error!(WasmErrorInner::Guest("there is no link".into())))?;
    delete_link(link.create_link_hash, GetOptions::local())
}

#[derive(Debug, Serialize, Deserialize)]
pub struct LinkInput {
    /// Whose anchor it hangs from.
    pub agent: AgentPubKey,
    pub bucket: u32,
    pub target: AnyLinkableHash,
    pub tag: ByteBuf,
}

#[hdk_extern]
pub fn link_batch(input: LinkInput) -> ExternResult<ActionHash> {
    create_link(batches_anchor(&input.agent, input.bucket)?, input.target, LinkTypes::Batches, LinkTag::new(input.tag.into_vec()))
}

#[hdk_extern]
pub fn link_member(agent: AgentPubKey) -> ExternResult<ActionHash> {
    create_link(members_anchor()?, agent, LinkTypes::Members, ())
}

#[hdk_extern]
pub fn create_snapshot(snapshot: Snapshot) -> ExternResult<ActionHash> {
    create_entry(EntryTypes::Snapshot(snapshot))
}

#[derive(Debug, Serialize, Deserialize)]
pub struct SnapshotLinkInput {
    pub target: AnyLinkableHash,
    pub tag: ByteBuf,
}

#[hdk_extern]
pub fn link_snapshot(input: SnapshotLinkInput) -> ExternResult<ActionHash> {
    create_link(snapshots_anchor()?, input.target, LinkTypes::Snapshots, LinkTag::new(input.tag.into_vec()))
}

#[derive(Debug, Serialize, Deserialize)]
pub struct SignalInput {
    pub agents: Vec<AgentPubKey>,
    pub payload: ByteBuf,
}

/// Whatever the payload is, and however long.
#[hdk_extern]
pub fn send_any(input: SignalInput) -> ExternResult<()> {
    send_remote_signal(input.payload, input.agents)
}
