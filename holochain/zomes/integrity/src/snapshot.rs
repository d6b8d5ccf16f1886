//! What members publish for those who come later: a merged state of the space, sealed, in parts. Nobody here can read it; what is held to rules is
//! its size, its form, and that the agent who publishes it has had it signed.

use hdi::prelude::*;
use serde_bytes::ByteBuf;

/// The only version of the format that this DNA takes.
pub const SNAPSHOT_VERSION: u8 = 1;
/// Most bytes of a part, or of a head, as an entry.
pub const MAX_SNAPSHOT_BYTES: usize = 512 * 1024;
/// Parts of one snapshot.
pub const MAX_SNAPSHOT_PARTS: usize = 256;
const SIGNED_PREFIX: &[u8] = b"spicetime/snapshot/1\0";

/// One part; or, where it names parts, the head that leads to them.
#[hdk_entry_helper]
#[derive(Clone, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    pub version: u8,
    /// 32 bytes: the Ed25519 public key of who signed.
    #[serde(with = "serde_bytes")]
    pub author: Vec<u8>,
    /// 64 bytes: the author's signature over [`signed_bytes`].
    #[serde(with = "serde_bytes")]
    pub signature: Vec<u8>,
    /// The actions that published the parts, in their order; none in a part.
    pub parts: Vec<ActionHash>,
    /// Sealed.
    pub bytes: ByteBuf,
}

#[derive(Debug)]
pub struct ReadSnapshot {
    pub author: [u8; 32],
    pub signature: [u8; 64],
    pub signed: Vec<u8>,
}

/// Checks everything but the signature, which only a host can verify.
pub fn read_snapshot(snapshot: &Snapshot, space: &[u8; 32], agent: &[u8]) -> Result<ReadSnapshot, String> {
    if snapshot.version != SNAPSHOT_VERSION {
        return Err(format!("the snapshot is of version {}; this network takes version {SNAPSHOT_VERSION}", snapshot.version));
    }
    let author = <[u8; 32]>::try_from(snapshot.author.as_slice()).map_err(|_| "the snapshot's author is not 32 bytes")?;
    let signature = <[u8; 64]>::try_from(snapshot.signature.as_slice()).map_err(|_| "the snapshot's signature is not 64 bytes")?;
    if snapshot.parts.len() > MAX_SNAPSHOT_PARTS {
        return Err(format!("the snapshot names {} parts; at most {MAX_SNAPSHOT_PARTS} are allowed", snapshot.parts.len()));
    }
    if snapshot.bytes.is_empty() {
        return Err("the snapshot is empty".into());
    }
    Ok(ReadSnapshot { author, signature, signed: signed_bytes(snapshot, space, agent) })
}

/// Prefix, space (32 bytes), the Holochain agent's key (32 bytes), the number of parts (4 bytes, big-endian), each part's action (39 bytes), the
/// bytes. Naming the agent keeps a snapshot from being published again by another one.
pub fn signed_bytes(snapshot: &Snapshot, space: &[u8; 32], agent: &[u8]) -> Vec<u8> {
    let mut bytes = [SIGNED_PREFIX, space, agent, &(snapshot.parts.len() as u32).to_be_bytes()].concat();
    for part in &snapshot.parts {
        bytes.extend_from_slice(part.get_raw_39());
    }
    bytes.extend_from_slice(&snapshot.bytes);
    bytes
}

/// How many events a snapshot covers, as its link's tag: what a newcomer sorts by.
pub fn events_tag(events: u64) -> LinkTag {
    LinkTag::new(events.to_be_bytes().to_vec())
}

/// Undefined for a tag that is not eight bytes.
pub fn tag_events(tag: &LinkTag) -> Option<u64> {
    <[u8; 8]>::try_from(tag.0.as_slice()).ok().map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(parts: usize, bytes: Vec<u8>) -> Snapshot {
        let part = ActionHash::from_raw_36(vec![5; 36]);
        Snapshot { version: 1, author: vec![1; 32], signature: vec![2; 64], parts: vec![part; parts], bytes: ByteBuf::from(bytes) }
    }

    #[test]
    fn form_is_checked_before_anything_is_verified() {
        let refused = |snapshot: Snapshot, reason: &str| {
            let error = read_snapshot(&snapshot, &[0; 32], &[0; 32]).unwrap_err();
            assert!(error.contains(reason), "{error}");
        };
        refused(Snapshot { version: 2, ..snapshot(0, vec![1]) }, "version 2");
        refused(Snapshot { author: vec![1; 31], ..snapshot(0, vec![1]) }, "author");
        refused(Snapshot { signature: vec![1; 65], ..snapshot(0, vec![1]) }, "signature");
        refused(snapshot(MAX_SNAPSHOT_PARTS + 1, vec![1]), "at most 256");
        refused(snapshot(1, vec![]), "empty");
    }

    #[test]
    fn what_is_signed_names_space_agent_and_parts() {
        let signed = |parts, bytes| signed_bytes(&snapshot(parts, bytes), &[3; 32], &[4; 32]);
        assert_eq!(signed(0, vec![9])[..21], *SIGNED_PREFIX);
        assert_eq!(signed(0, vec![9])[21 + 64..], [0, 0, 0, 0, 9]);
        assert_eq!(signed(2, vec![9]).len(), 21 + 64 + 4 + 2 * 39 + 1);
        assert_ne!(signed(1, vec![9]), signed(0, vec![9]));
    }

    #[test]
    fn counts_survive_their_tags_and_are_no_batch_numbers() {
        for events in [0, 1, 100_000, u64::MAX] {
            assert_eq!(tag_events(&events_tag(events)), Some(events));
            assert_eq!(crate::anchors::tag_number(&events_tag(events)), None);
        }
    }
}
