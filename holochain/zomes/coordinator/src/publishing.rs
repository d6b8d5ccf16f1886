//! Writing batches to the own chain, once each.

use hdk::prelude::*;
use spicetime_integrity::anchors::{batches_anchor, number_tag, tag_number, BUCKET_BATCHES};
use spicetime_integrity::{Batch, EntryTypes, LinkTypes};

/// Records of the own chain that are read at once on the way back to the last batch.
const LOOK_BACK: u32 = 16;

#[derive(Debug, Serialize, Deserialize)]
pub struct Published {
    pub action: ActionHash,
    pub entry: EntryHash,
    /// Its place among this agent's batches.
    pub number: u32,
    /// Microseconds since 1970, by this agent's clock.
    pub at: Timestamp,
    /// Whether it was there before this call.
    pub existed: bool,
}

/// Writes a batch and its link, unless this agent's chain has the batch. Strict ordering: of two calls at once one fails and writes nothing.
pub fn publish_batch(batch: Batch) -> ExternResult<Published> {
    if let Some(found) = find_batch(&batch)? {
        return Ok(found);
    }
    let agent = agent_info()?.agent_initial_pubkey;
    let number = next_number()?;
    let entry = hash_entry(EntryTypes::Batch(batch.clone()))?;
    let action = create_entry(EntryTypes::Batch(batch))?;
    create_link(batches_anchor(&agent, number / BUCKET_BATCHES)?, action.clone(), LinkTypes::Batches, number_tag(number))?;
    let record = get(action.clone(), GetOptions::local())?.ok_or_else(|| guest_error("the batch was written and can't be read"))?;
    Ok(Published { at: record.action().timestamp(), action, entry, number, existed: false })
}

/// The batch on this agent's own chain.
pub fn find_batch(batch: &Batch) -> ExternResult<Option<Published>> {
    let entry = hash_entry(EntryTypes::Batch(batch.clone()))?;
    let agent = agent_info()?.agent_initial_pubkey;
    let Some(record) = get(entry.clone(), GetOptions::local())? else {
        return Ok(None);
    };
    if record.action().author() != &agent {
        return Ok(None);
    }
    let link = record.action().action_seq() + 1;
    let number = own_records(link, link)?.iter().find_map(batch_number);
    Ok(number.map(|number| Published { action: record.action_address().clone(), at: record.action().timestamp(), entry, number, existed: true }))
}

/// Follows the own chain back to its last batch: a step or two, whatever its length.
fn next_number() -> ExternResult<u32> {
    let mut end = agent_info()?.chain_head.1;
    loop {
        let start = end.saturating_sub(LOOK_BACK - 1);
        if let Some(last) = own_records(start, end)?.iter().filter_map(batch_number).max() {
            return Ok(last + 1);
        }
        if start == 0 {
            return Ok(0);
        }
        end = start - 1;
    }
}

fn own_records(start: u32, end: u32) -> ExternResult<Vec<Record>> {
    query(ChainQueryFilter::new().sequence_range(ChainQueryFilterRange::ActionSeqRange(start, end)))
}

/// The number that a link to a batch gives it; undefined for every other record. Links are told by their tags: only batches' have one of four bytes, snapshots' have eight.
fn batch_number(record: &Record) -> Option<u32> {
    match &record.action().data {
        ActionData::CreateLink(link) => tag_number(&link.tag),
        _ => None,
    }
}

pub fn guest_error(reason: &str) -> WasmError {
    wasm_error!(WasmErrorInner::Guest(reason.into()))
}
