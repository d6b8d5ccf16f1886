//! Reading what is published, by what this node's own validation says of it.

use hdk::prelude::*;

pub enum Judged {
    Valid(Record),
    /// It broke the network's rules.
    Refused,
    /// It has not arrived yet, or has not been looked at.
    Nothing,
}

/// `get` of conductor 0.7.1 gives what its validation refused all the same: only the details tell.
pub fn read_judged(action: ActionHash, strategy: GetStrategy) -> ExternResult<Judged> {
    let options = if strategy == GetStrategy::Network { GetOptions::network() } else { GetOptions::local() };
    let Some(Details::Record(details)) = get_details(action, options)? else {
        return Ok(Judged::Nothing);
    };
    Ok(match details.validation_status {
        ValidationStatus::Valid => Judged::Valid(details.record),
        ValidationStatus::Rejected => Judged::Refused,
        ValidationStatus::Abandoned => Judged::Nothing,
    })
}
