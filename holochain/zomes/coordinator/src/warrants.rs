//! What nodes of this network refused, whose it was, and why.

use crate::pulling::list_members;
use hdk::prelude::*;

/// Entries in one answer: a few tell as much of a member as all of them.
const MOST_LISTED: usize = 256;

#[derive(Debug, Serialize, Deserialize)]
pub struct Refused {
    /// Who wrote it.
    pub agent: AgentPubKey,
    pub action: ActionHash,
    /// As the node says that found it; empty where one chain has two actions at one place.
    pub reason: String,
    /// The node that found it, whose word this node has checked.
    pub by: AgentPubKey,
    /// Microseconds since 1970, by that node's clock.
    pub at: Timestamp,
}

/// Of each member, what this node holds warrants of.
pub fn list_refused() -> ExternResult<Vec<Refused>> {
    let mut refused = vec![];
    for agent in list_members(GetStrategy::Local)? {
        let activity = get_agent_activity(agent, ChainQueryFilter::new(), ActivityRequest::Status, GetOptions::local())?;
        refused.extend(activity.warrants.into_iter().map(|warrant| refused_by(warrant.into_data())));
    }
    refused.truncate(MOST_LISTED);
    Ok(refused)
}

fn refused_by(warrant: Warrant) -> Refused {
    let Warrant { proof: WarrantProof::ChainIntegrity(proof), author, timestamp, .. } = warrant;
    let (agent, action, reason) = match proof {
        ChainIntegrityWarrant::InvalidChainOp { action_author, action, reason, .. } => (action_author, action.0, reason),
        ChainIntegrityWarrant::ChainFork { chain_author, action_pair, .. } => (chain_author, action_pair.1 .0, String::new()),
    };
    Refused { agent, action, reason, by: author, at: timestamp }
}
