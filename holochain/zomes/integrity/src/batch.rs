//! What members publish: signed events in a batch that its SpiceTime author signed for one space and one Holochain agent.

use crate::event::{read_event, EventHeader};
use hdi::prelude::*;
use serde_bytes::ByteBuf;

/// The only version of the format that this DNA takes.
pub const BATCH_VERSION: u8 = 1;
/// Most bytes of a batch as an entry.
pub const MAX_BATCH_BYTES: usize = 512 * 1024;
/// Bounds the signatures that a node verifies for one batch.
pub const MAX_BATCH_EVENTS: usize = 1024;
/// Begins what the author's key signs here; no signed event begins so, since each is a map.
const SIGNED_PREFIX: &[u8] = b"spicetime/batch/1\0";

#[hdk_entry_helper]
#[derive(Clone, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub version: u8,
    /// 32 bytes: the Ed25519 public key of the SpiceTime author who made the batch; its events may be of others.
    #[serde(with = "serde_bytes")]
    pub author: Vec<u8>,
    /// 64 bytes: the author's signature over [`signed_bytes`].
    #[serde(with = "serde_bytes")]
    pub signature: Vec<u8>,
    /// Signed events, as `codec/event-codec.ts` writes them.
    pub events: Vec<ByteBuf>,
}

/// A batch whose form holds. What is left are the signatures, which only a host can verify.
#[derive(Debug)]
pub struct ReadBatch {
    pub author: [u8; 32],
    pub signature: [u8; 64],
    pub signed: Vec<u8>,
    pub events: Vec<EventHeader>,
}

/// Checks everything but signatures: version, sizes, the events' form and their space.
pub fn read_batch(batch: &Batch, space: &[u8; 32], agent: &[u8]) -> Result<ReadBatch, String> {
    if batch.version != BATCH_VERSION {
        return Err(format!("the batch is of version {}; this network takes version {BATCH_VERSION}", batch.version));
    }
    let author = <[u8; 32]>::try_from(batch.author.as_slice()).map_err(|_| "the batch's author is not 32 bytes")?;
    let signature = <[u8; 64]>::try_from(batch.signature.as_slice()).map_err(|_| "the batch's signature is not 64 bytes")?;
    if batch.events.is_empty() || batch.events.len() > MAX_BATCH_EVENTS {
        return Err(format!("the batch has {} events; 1 to {MAX_BATCH_EVENTS} are allowed", batch.events.len()));
    }
    let bytes: usize = batch.events.iter().map(|event| event.len()).sum();
    if bytes > MAX_BATCH_BYTES {
        return Err(format!("the batch's events have {bytes} bytes; at most {MAX_BATCH_BYTES} are allowed"));
    }
    let events = batch.events.iter().map(|event| read_event(event)).collect::<Result<Vec<_>, _>>()?;
    if events.iter().any(|event| event.space != *space) {
        return Err("the batch has an event of another space".into());
    }
    Ok(ReadBatch { author, signature, signed: signed_bytes(batch, space, agent), events })
}

/// Prefix, space (32 bytes), the Holochain agent's key (32 bytes), then each event after its length (4 bytes, big-endian). Naming the agent
/// keeps a batch from being published again by another one.
pub fn signed_bytes(batch: &Batch, space: &[u8; 32], agent: &[u8]) -> Vec<u8> {
    let mut bytes = [SIGNED_PREFIX, space, agent].concat();
    for event in &batch.events {
        bytes.extend((event.len() as u32).to_be_bytes());
        bytes.extend_from_slice(event);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(events: Vec<Vec<u8>>) -> Batch {
        Batch { version: 1, author: vec![1; 32], signature: vec![2; 64], events: events.into_iter().map(ByteBuf::from).collect() }
    }

    #[test]
    fn form_is_checked_before_anything_is_verified() {
        let refused = |batch: Batch, reason: &str| {
            let error = read_batch(&batch, &[0; 32], &[0; 32]).unwrap_err();
            assert!(error.contains(reason), "{error}");
        };
        refused(Batch { version: 2, ..batch(vec![]) }, "version 2");
        refused(Batch { author: vec![1; 31], ..batch(vec![]) }, "author");
        refused(Batch { signature: vec![1; 65], ..batch(vec![]) }, "signature");
        refused(batch(vec![]), "0 events");
        refused(batch(vec![vec![0]; MAX_BATCH_EVENTS + 1]), "1025 events");
        refused(batch(vec![vec![0; 64 * 1024]; 9]), "at most 524288");
        refused(batch(vec![vec![0xa0]]), "map");
    }

    #[test]
    fn what_is_signed_names_space_agent_and_every_boundary() {
        let signed = |events| signed_bytes(&batch(events), &[3; 32], &[4; 32]);
        assert_eq!(signed(vec![vec![9]])[..18], *SIGNED_PREFIX);
        assert_eq!(signed(vec![vec![9]])[18 + 64..], [0, 0, 0, 1, 9]);
        assert_ne!(signed(vec![vec![1, 2]]), signed(vec![vec![1], vec![2]]));
    }
}
