//! Merged states of the space, for those who come later.

use crate::records::{read_judged, Judged};
use hdk::prelude::*;
use spicetime_integrity::anchors::snapshots_anchor;
use spicetime_integrity::snapshot::{events_tag, tag_events};
use spicetime_integrity::{EntryTypes, LinkTypes, Snapshot};
use std::collections::BTreeMap;

/// Offers in one answer: who has one snapshot of many members need not be told of more.
const MOST_OFFERED: usize = 16;

#[derive(Debug, Serialize, Deserialize)]
pub struct HeadInput {
    pub head: Snapshot,
    /// Events that it covers.
    pub events: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct OfferedSnapshot {
    pub agent: AgentPubKey,
    pub action: ActionHash,
    pub events: u64,
    /// Microseconds since 1970, by its agent's clock.
    pub at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct ReadInput {
    pub action: ActionHash,
    /// Ask other nodes too.
    pub network: bool,
}

pub fn publish_piece(piece: Snapshot) -> ExternResult<ActionHash> {
    let entry = hash_entry(EntryTypes::Snapshot(piece.clone()))?;
    let agent = agent_info()?.agent_initial_pubkey;
    match get(entry, GetOptions::local())? {
        Some(record) if record.action().author() == &agent => Ok(record.action_address().clone()),
        _ => create_entry(EntryTypes::Snapshot(piece)),
    }
}

pub fn publish_head(input: HeadInput) -> ExternResult<ActionHash> {
    let action = publish_piece(input.head)?;
    create_link(snapshots_anchor()?, action.clone(), LinkTypes::Snapshots, events_tag(input.events))?;
    Ok(action)
}

pub fn list_snapshots(network: bool) -> ExternResult<Vec<OfferedSnapshot>> {
    let strategy = if network { GetStrategy::Network } else { GetStrategy::Local };
    let links = get_links(LinkQuery::try_new(snapshots_anchor()?, LinkTypes::Snapshots)?, strategy)?;
    let mut newest: BTreeMap<AgentPubKey, OfferedSnapshot> = BTreeMap::new();
    for link in links {
        let (Some(events), Some(action)) = (tag_events(&link.tag), link.target.into_action_hash()) else {
            continue;
        };
        let offered = OfferedSnapshot { agent: link.author.clone(), action, events, at: link.timestamp };
        if newest.get(&link.author).is_none_or(|known| (known.events, known.at) < (offered.events, offered.at)) {
            newest.insert(link.author, offered);
        }
    }
    let mut offers: Vec<OfferedSnapshot> = newest.into_values().collect();
    offers.sort_by(|one, other| (other.events, other.at).cmp(&(one.events, one.at)));
    offers.truncate(MOST_OFFERED);
    Ok(offers)
}

pub fn read_piece(input: ReadInput) -> ExternResult<Option<Snapshot>> {
    let strategy = if input.network { GetStrategy::Network } else { GetStrategy::Local };
    match read_judged(input.action, strategy)? {
        Judged::Valid(record) => record.entry().to_app_option::<Snapshot>().map_err(|error| wasm_error!(error)),
        Judged::Refused | Judged::Nothing => Ok(None),
    }
}
