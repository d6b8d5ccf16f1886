//! Finding what others published.

use crate::marks::Mark;
use crate::records::{read_judged, Judged};
use hdk::prelude::*;
use spicetime_integrity::anchors::{batches_anchor, members_anchor, tag_number, BUCKET_BATCHES};
use spicetime_integrity::{Batch, LinkTypes};

/// Most bytes of events in one answer, whatever was asked for; a first batch always fits.
const MAX_ANSWER_BYTES: u32 = 4 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
pub struct PullInput {
    pub since: Vec<Mark>,
    pub max_bytes: u32,
    /// Ask other nodes too: for one that does not hold everything itself, or was just started.
    pub network: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct PulledBatch {
    pub agent: AgentPubKey,
    pub number: u32,
    pub action: ActionHash,
    pub at: Timestamp,
    pub batch: Batch,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Pulled {
    pub batches: Vec<PulledBatch>,
    /// Where the next pull starts, once these batches are kept.
    pub since: Vec<Mark>,
    /// Whether the answer was full: ask again at once.
    pub more: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Head {
    pub agent: AgentPubKey,
    /// Batches of this agent that this node knows of, unless some are still on their way.
    pub batches: u32,
}

pub fn list_members(strategy: GetStrategy) -> ExternResult<Vec<AgentPubKey>> {
    let links = get_links(LinkQuery::try_new(members_anchor()?, LinkTypes::Members)?, strategy)?;
    let members: BTreeSet<AgentPubKey> = links.into_iter().filter_map(|link| link.target.into_agent_pub_key()).collect();
    Ok(members.into_iter().collect())
}

pub fn pull_batches(input: PullInput) -> ExternResult<Pulled> {
    let strategy = if input.network { GetStrategy::Network } else { GetStrategy::Local };
    let mut marks = input.since;
    for agent in list_members(strategy)? {
        if !marks.iter().any(|mark| mark.agent == agent) {
            marks.push(Mark::start(agent));
        }
    }
    let mut answer = Answer { batches: vec![], left: i64::from(input.max_bytes.min(MAX_ANSWER_BYTES)), strategy };
    let mut more = false;
    for mark in &mut marks {
        more |= !answer.take_from(mark)?;
    }
    Ok(Pulled { batches: answer.batches, since: marks, more })
}

struct Answer {
    batches: Vec<PulledBatch>,
    left: i64,
    strategy: GetStrategy,
}

enum Read {
    Batch(PulledBatch),
    /// It broke the network's rules, and is not looked for again.
    Refused,
    /// It has not arrived yet: it stays wanted.
    Nothing,
}

impl Answer {
    /// Takes what one agent has that is wanted, up to the first empty bucket. False when the answer is full.
    fn take_from(&mut self, mark: &mut Mark) -> ExternResult<bool> {
        for bucket in mark.next / BUCKET_BATCHES.. {
            let links = bucket_links(&mark.agent, bucket, self.strategy)?;
            if links.is_empty() {
                break;
            }
            for (number, action) in links {
                if !mark.wants(number) {
                    continue;
                }
                if self.left <= 0 {
                    return Ok(false);
                }
                match self.read(&mark.agent, number, action)? {
                    Read::Batch(pulled) => {
                        self.left -= pulled.batch.events.iter().map(|event| event.len() as i64).sum::<i64>();
                        self.batches.push(pulled);
                        mark.take(number);
                    }
                    Read::Refused => mark.take(number),
                    Read::Nothing => (),
                }
            }
        }
        Ok(true)
    }

    fn read(&self, agent: &AgentPubKey, number: u32, action: ActionHash) -> ExternResult<Read> {
        let record = match read_judged(action.clone(), self.strategy)? {
            Judged::Valid(record) => record,
            Judged::Refused => return Ok(Read::Refused),
            Judged::Nothing => return Ok(Read::Nothing),
        };
        let Some(batch) = record.entry().to_app_option::<Batch>().map_err(|error| wasm_error!(error))? else {
            return Ok(Read::Nothing);
        };
        Ok(Read::Batch(PulledBatch { agent: agent.clone(), number, at: record.action().timestamp(), action, batch }))
    }
}

/// An agent's batches in one bucket, by number.
fn bucket_links(agent: &AgentPubKey, bucket: u32, strategy: GetStrategy) -> ExternResult<Vec<(u32, ActionHash)>> {
    let links = get_links(LinkQuery::try_new(batches_anchor(agent, bucket)?, LinkTypes::Batches)?, strategy)?;
    let mut found: Vec<(u32, ActionHash)> =
        links.into_iter().filter_map(|link| Some((tag_number(&link.tag)?, link.target.into_action_hash()?))).collect();
    found.sort();
    Ok(found)
}

/// Each member's count, found by doubling and halving: a few look-ups for any length.
pub fn list_heads() -> ExternResult<Vec<Head>> {
    list_members(GetStrategy::Local)?
        .into_iter()
        .map(|agent| {
            let has = |bucket: u32| Ok(!bucket_links(&agent, bucket, GetStrategy::Local)?.is_empty());
            let bucket = last_bucket(has)?;
            let last = bucket.map(|bucket| bucket_links(&agent, bucket, GetStrategy::Local)).transpose()?;
            let batches = last.and_then(|links| links.last().map(|(number, _)| number + 1)).unwrap_or(0);
            Ok(Head { agent, batches })
        })
        .collect()
}

/// The last bucket that has something, where those that have come before those that have not.
fn last_bucket(has: impl Fn(u32) -> ExternResult<bool>) -> ExternResult<Option<u32>> {
    if !has(0)? {
        return Ok(None);
    }
    let mut known = 0u32;
    let mut step = 1u32;
    while has(known + step)? {
        known += step;
        step *= 2;
    }
    while step > 1 {
        step /= 2;
        if has(known + step)? {
            known += step;
        }
    }
    Ok(Some(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bucket_is_found_for_every_length() {
        for length in 0..300u32 {
            assert_eq!(last_bucket(|bucket| Ok(bucket < length)).unwrap(), length.checked_sub(1));
        }
    }
}
