//! How far a pull got: per agent the first batch that has not been taken, and those above it that have.

use hdk::prelude::*;

/// Batches above the first missing one that a mark can tell of; further ones wait until the missing one arrives.
pub const WINDOW: u32 = 4096;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub agent: AgentPubKey,
    /// Every batch below this number was taken.
    pub next: u32,
    /// Taken ones above `next`, ascending.
    pub above: Vec<u32>,
}

impl Mark {
    pub fn start(agent: AgentPubKey) -> Self {
        Mark { agent, next: 0, above: vec![] }
    }

    /// Whether a batch of this number is still to be taken, and may be.
    pub fn wants(&self, number: u32) -> bool {
        number >= self.next && number - self.next < WINDOW && self.above.binary_search(&number).is_err()
    }

    /// Notes that one was taken; closes the gap that it closes.
    pub fn take(&mut self, number: u32) {
        if !self.wants(number) {
            return;
        }
        if let Err(at) = self.above.binary_search(&number) {
            self.above.insert(at, number);
        }
        let closed = self.above.iter().zip(self.next..).take_while(|(taken, next)| **taken == *next).count();
        self.above.drain(..closed);
        self.next += closed as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(next: u32, above: &[u32]) -> Mark {
        Mark { next, above: above.to_vec(), ..Mark::start(AgentPubKey::from_raw_36(vec![0; 36])) }
    }

    #[test]
    fn a_gap_stays_wanted_until_it_is_taken() {
        let mut taken = mark(0, &[]);
        for number in [2, 1, 5] {
            taken.take(number);
        }
        assert_eq!(taken, mark(0, &[1, 2, 5]));
        assert!(taken.wants(0) && taken.wants(3) && !taken.wants(5));
        taken.take(0);
        assert_eq!(taken, mark(3, &[5]));
    }

    #[test]
    fn any_order_with_repetitions_ends_alike() {
        for seed in 0..200u64 {
            let mut state = seed;
            let mut numbers: Vec<u32> = (0..40).chain(0..40).collect();
            for at in (1..numbers.len()).rev() {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                numbers.swap(at, (state >> 33) as usize % (at + 1));
            }
            let mut taken = mark(0, &[]);
            numbers.iter().for_each(|number| taken.take(*number));
            assert_eq!(taken, mark(40, &[]));
        }
    }

    #[test]
    fn what_lies_beyond_the_window_waits() {
        let mut taken = mark(1, &[]);
        assert!(taken.wants(WINDOW) && !taken.wants(WINDOW + 1) && !taken.wants(0));
        taken.take(WINDOW + 1);
        assert_eq!(taken, mark(1, &[]));
        taken.take(u32::MAX);
        assert_eq!(taken, mark(1, &[]));
    }
}
