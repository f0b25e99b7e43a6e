//! What the metrics of the same rows share, worked out when the first of them asks.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::measure::Undefined;
use super::ranking::Ranking;

/// How many bytes of rankings are kept; more would crowd out the data.
const MOST_BYTES: usize = 1 << 28;

/// Answers about one set of judged rows that several metrics need. It starts out empty and belongs
/// to a single [`Judged`](super::Judged): its rows, its prediction and its weights.
///
/// It is not `Sync`, so that no two metrics of the same rows wait for each other in the pool.
#[derive(Debug, Default)]
pub struct Memo {
    numbers: OnceCell<Result<(), Undefined>>,
    shares: OnceCell<Result<(), Undefined>>,
    weight: OnceCell<Result<f64, Undefined>>,
    rankings: RefCell<BTreeMap<u32, Arc<Ranking>>>,
}

impl Memo {
    /// Whether all numbers are finite.
    pub fn numbers(&self, check: impl FnOnce() -> Result<(), Undefined>) -> Result<(), Undefined> {
        self.numbers.get_or_init(check).clone()
    }

    /// Whether all probabilities are from 0 to 1.
    pub fn shares(&self, check: impl FnOnce() -> Result<(), Undefined>) -> Result<(), Undefined> {
        self.shares.get_or_init(check).clone()
    }

    /// What all rows weigh.
    pub fn weight(&self, weigh: impl FnOnce() -> Result<f64, Undefined>) -> Result<f64, Undefined> {
        self.weight.get_or_init(weigh).clone()
    }

    /// The rows of a class against the rest, by its probability.
    pub fn ranking(&self, class: u32, rank: impl FnOnce() -> Ranking) -> Arc<Ranking> {
        let known = self.rankings.borrow().get(&class).cloned();
        known.unwrap_or_else(|| {
            let ranking = Arc::new(rank());
            let mut kept = self.rankings.borrow_mut();
            let bytes: usize = kept.values().map(|ranking| ranking.bytes()).sum();
            if bytes + ranking.bytes() <= MOST_BYTES {
                kept.insert(class, Arc::clone(&ranking));
            }
            ranking
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::ranking::Side;
    use super::*;

    #[test]
    fn what_is_known_is_not_worked_out_again() {
        let memo = Memo::default();
        assert_eq!(memo.weight(|| Ok(2.0)), Ok(2.0));
        assert_eq!(memo.weight(|| panic!("it is known")), Ok(2.0));
        let rank = || Ranking::new(2, |row| (row as f64, Side::Rest));
        let first = memo.ranking(1, rank);
        assert!(Arc::ptr_eq(&first, &memo.ranking(1, || panic!("it is known"))));
        assert!(!Arc::ptr_eq(&first, &memo.ranking(0, rank)));
    }
}
