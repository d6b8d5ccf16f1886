//! Where links hang. Anchors are hashes that everyone can work out; nothing is stored under them but links. See docs/decisions for why
//! batches are bucketed by their author's count and not by time.

use hdi::prelude::*;

/// Batches of one agent that hang from one anchor.
pub const BUCKET_BATCHES: u32 = 64;

/// The anchor of an agent's batches `bucket * 64` to `bucket * 64 + 63`.
pub fn batches_anchor(agent: &AgentPubKey, bucket: u32) -> ExternResult<EntryHash> {
    anchor([b"spicetime/batches/".as_slice(), agent.get_raw_39(), &bucket.to_be_bytes()].concat())
}

/// The anchor of everyone who takes part.
pub fn members_anchor() -> ExternResult<EntryHash> {
    anchor(b"spicetime/members".to_vec())
}

/// The anchor of every snapshot's head.
pub fn snapshots_anchor() -> ExternResult<EntryHash> {
    anchor(b"spicetime/snapshots".to_vec())
}

fn anchor(name: Vec<u8>) -> ExternResult<EntryHash> {
    let bytes = AppEntryBytes::try_from(SerializedBytes::from(UnsafeBytes::from(name))).map_err(|error| wasm_error!(WasmErrorInner::Guest(error.to_string())))?;
    hash_entry(Entry::App(bytes))
}

/// A batch's place among its agent's, as its link's tag.
pub fn number_tag(number: u32) -> LinkTag {
    LinkTag::new(number.to_be_bytes().to_vec())
}

/// Undefined for a tag that is not four bytes.
pub fn tag_number(tag: &LinkTag) -> Option<u32> {
    <[u8; 4]>::try_from(tag.0.as_slice()).ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_of_every_agent_is_another_anchor() {
        let agents = [AgentPubKey::from_raw_36(vec![1; 36]), AgentPubKey::from_raw_36(vec![2; 36])];
        let mut anchors = vec![members_anchor().unwrap(), snapshots_anchor().unwrap()];
        for agent in &agents {
            anchors.extend((0..3).map(|bucket| batches_anchor(agent, bucket).unwrap()));
        }
        let count = anchors.len();
        anchors.sort();
        anchors.dedup();
        assert_eq!(anchors.len(), count);
    }

    #[test]
    fn numbers_survive_their_tags() {
        for number in [0, 1, 63, 64, u32::MAX] {
            assert_eq!(tag_number(&number_tag(number)), Some(number));
        }
        assert_eq!(tag_number(&LinkTag::new(vec![1, 2, 3])), None);
    }
}
