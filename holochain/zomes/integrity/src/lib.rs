//! What every node of a space's network holds others to. One DNA, cloned per space: the network seed keeps strangers out, the property
//! `space` says whose events belong here.

pub mod anchors;
pub mod batch;
pub mod event;
pub mod snapshot;

use anchors::{batches_anchor, members_anchor, snapshots_anchor, tag_number, BUCKET_BATCHES};
pub use batch::Batch;
use batch::{read_batch, MAX_BATCH_BYTES};
use hdi::prelude::*;
pub use snapshot::Snapshot;
use snapshot::{read_snapshot, tag_events, MAX_SNAPSHOT_BYTES};

/// Of the rules below: nodes that go by others are in other networks. The runtime's twin is in `zome-calls.ts`.
pub const NETWORK_VERSION: u8 = 2;

#[derive(Serialize, Deserialize)]
#[serde(tag = "type")]
#[hdk_entry_types]
#[unit_enum(UnitEntryTypes)]
pub enum EntryTypes {
    #[entry_type(required_validations = 5)]
    Batch(Batch),
    #[entry_type(required_validations = 5)]
    Snapshot(Snapshot),
}

#[hdk_link_types]
pub enum LinkTypes {
    Batches,
    Members,
    Snapshots,
}

/// `space`: the 64 hexadecimal digits of the space's reference.
#[derive(Debug, Serialize, Deserialize, SerializedBytes)]
pub struct SpaceProperties {
    pub space: String,
}

#[hdk_extern]
pub fn validate(op: Op) -> ExternResult<ValidateCallbackResult> {
    match op.flattened::<EntryTypes, LinkTypes>()? {
        FlatOp::CreateEntry(OpEntry::CreateEntry { app_entry: EntryTypes::Batch(batch), action }) => {
            validate_batch(&batch, action.author(), stored_bytes(&op))
        }
        FlatOp::CreateRecord(OpRecord::CreateEntry { app_entry: EntryTypes::Batch(batch), action }) => {
            validate_batch(&batch, action.author(), stored_bytes(&op))
        }
        FlatOp::CreateEntry(OpEntry::CreateEntry { app_entry: EntryTypes::Snapshot(snapshot), action }) => {
            validate_snapshot(&snapshot, action.author(), stored_bytes(&op))
        }
        FlatOp::CreateRecord(OpRecord::CreateEntry { app_entry: EntryTypes::Snapshot(snapshot), action }) => {
            validate_snapshot(&snapshot, action.author(), stored_bytes(&op))
        }
        FlatOp::Link(OpLink::CreateLink { link_type, action }) => validate_link(&link_type, &action),
        FlatOp::CreateRecord(OpRecord::CreateLink { link_type, action }) => validate_link(&link_type, &action),
        FlatOp::Update(OpUpdate::Entry { .. })
        | FlatOp::CreateRecord(OpRecord::UpdateEntry { .. })
        | FlatOp::CreateEntry(OpEntry::UpdateEntry { .. })
        | FlatOp::Delete(_)
        | FlatOp::CreateRecord(OpRecord::DeleteEntry { .. })
        | FlatOp::Link(OpLink::DeleteLink { .. })
        | FlatOp::CreateRecord(OpRecord::DeleteLink { .. }) => invalid("what was published here is never updated or deleted, by anyone"),
        _ => Ok(ValidateCallbackResult::Valid),
    }
}

/// The entry as it is stored: reading it as a batch forgives encodings that writing it would not make.
fn stored_bytes(op: &Op) -> Option<&[u8]> {
    let entry = match op {
        Op::CreateEntry(create) => Some(&create.entry),
        Op::CreateRecord(create) => create.record.entry().as_option(),
        _ => None,
    };
    match entry {
        Some(Entry::App(bytes)) => Some(bytes.as_ref().bytes()),
        _ => None,
    }
}

fn validate_batch(batch: &Batch, agent: &AgentPubKey, stored: Option<&[u8]>) -> ExternResult<ValidateCallbackResult> {
    let canonical = SerializedBytes::try_from(batch).map_err(|error| wasm_error!(error))?;
    if canonical.bytes().len() > MAX_BATCH_BYTES {
        return invalid(&format!("the batch has {} bytes; at most {MAX_BATCH_BYTES} are allowed", canonical.bytes().len()));
    }
    if stored != Some(canonical.bytes().as_slice()) {
        return invalid("the batch is not encoded as this network encodes batches");
    }
    let Some(space) = space_of(&dna_info()?.modifiers.properties) else {
        return invalid("this network belongs to no space: its property 'space' is missing or malformed");
    };
    let read = match read_batch(batch, &space, agent.get_raw_32()) {
        Ok(read) => read,
        Err(reason) => return invalid(&reason),
    };
    if !verify(read.author, read.signature, read.signed)? {
        return invalid("the batch's signature is not its author's for this space and this agent");
    }
    for event in read.events {
        if !verify(event.author, event.signature, event.unsigned)? {
            return invalid("the batch has an event whose signature is not its author's");
        }
    }
    Ok(ValidateCallbackResult::Valid)
}

fn validate_snapshot(snapshot: &Snapshot, agent: &AgentPubKey, stored: Option<&[u8]>) -> ExternResult<ValidateCallbackResult> {
    let canonical = SerializedBytes::try_from(snapshot).map_err(|error| wasm_error!(error))?;
    if canonical.bytes().len() > MAX_SNAPSHOT_BYTES {
        return invalid(&format!("the snapshot's entry has {} bytes; at most {MAX_SNAPSHOT_BYTES} are allowed", canonical.bytes().len()));
    }
    if stored != Some(canonical.bytes().as_slice()) {
        return invalid("the snapshot is not encoded as this network encodes snapshots");
    }
    let Some(space) = space_of(&dna_info()?.modifiers.properties) else {
        return invalid("this network belongs to no space: its property 'space' is missing or malformed");
    };
    let read = match read_snapshot(snapshot, &space, agent.get_raw_32()) {
        Ok(read) => read,
        Err(reason) => return invalid(&reason),
    };
    if !verify(read.author, read.signature, read.signed)? {
        return invalid("the snapshot's signature is not its author's for this space and this agent");
    }
    Ok(ValidateCallbackResult::Valid)
}

fn verify(author: [u8; 32], signature: [u8; 64], bytes: Vec<u8>) -> ExternResult<bool> {
    verify_signature_raw(AgentPubKey::from_raw_32(author.to_vec()), Signature::from(signature), bytes)
}

fn validate_link(link_type: &LinkTypes, action: &TypedAction<CreateLinkData>) -> ExternResult<ValidateCallbackResult> {
    let author = action.author();
    match link_type {
        LinkTypes::Members => {
            if action.base_address != members_anchor()?.into() || action.target_address != author.clone().into() || !action.tag.as_ref().is_empty() {
                return invalid("a member's link leads from the members' anchor to its own author, without a tag");
            }
        }
        LinkTypes::Batches => {
            let Some(number) = tag_number(&action.tag) else {
                return invalid("a batch's link is tagged with its number in four bytes");
            };
            if action.base_address != batches_anchor(author, number / BUCKET_BATCHES)?.into() {
                return invalid("a batch's link hangs from its author's anchor for its number");
            }
            let Some(target) = action.target_address.clone().into_action_hash() else {
                return invalid("a batch's link leads to the action that published it");
            };
            if !publishes(target, author, UnitEntryTypes::Batch)? {
                return invalid("a batch's link leads to a batch of its own author");
            }
        }
        LinkTypes::Snapshots => {
            if tag_events(&action.tag).is_none() || action.base_address != snapshots_anchor()?.into() {
                return invalid("a snapshot's link hangs from the snapshots' anchor, tagged with a count in eight bytes");
            }
            let Some(target) = action.target_address.clone().into_action_hash() else {
                return invalid("a snapshot's link leads to the action that published its head");
            };
            if !publishes(target, author, UnitEntryTypes::Snapshot)? {
                return invalid("a snapshot's link leads to a snapshot of its own author");
            }
        }
    }
    Ok(ValidateCallbackResult::Valid)
}

/// Whether the action is the author's and stores an entry of the kind. What the entry holds is judged where it is stored, and whoever reads it asks:
/// `must_get_valid_record` would let a node to which both come at once stand still for three seconds (docs/decisions/0029).
fn publishes(action: ActionHash, author: &AgentPubKey, kind: UnitEntryTypes) -> ExternResult<bool> {
    let action = must_get_action(action)?;
    let ScopedEntryDefIndex { zome_index, zome_type } = kind.try_into()?;
    Ok(match &action.action().data {
        ActionData::Create(CreateData { entry_type: EntryType::App(stored), .. }) => {
            action.action().author() == author && stored.zome_index == zome_index && stored.entry_index == zome_type
        }
        _ => false,
    })
}

/// The space's reference out of the DNA's properties.
pub fn space_of(properties: &SerializedBytes) -> Option<[u8; 32]> {
    let text = SpaceProperties::try_from(properties.clone()).ok()?.space;
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit)) {
        return None;
    }
    let mut space = [0; 32];
    for (index, byte) in space.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).ok()?;
    }
    Some(space)
}

fn invalid(reason: &str) -> ExternResult<ValidateCallbackResult> {
    Ok(ValidateCallbackResult::Invalid(reason.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_64_hexadecimal_digits_name_a_space() {
        let named = |space: &str| space_of(&SerializedBytes::try_from(SpaceProperties { space: space.into() }).unwrap());
        assert_eq!(named(&"0a".repeat(32)), Some([10; 32]));
        for wrong in ["", &"0A".repeat(32), &"0a".repeat(31), &"ä".repeat(32), &"+1".repeat(32)] {
            assert_eq!(named(wrong), None);
        }
        assert_eq!(space_of(&SerializedBytes::try_from(()).unwrap()), None);
    }
}
