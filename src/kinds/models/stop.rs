//! A request to end, from whoever started a training to the estimators.

use std::sync::atomic::{AtomicBool, Ordering};

/// A request to end, set from outside and polled by estimators.
#[derive(Debug, Default)]
pub struct StopFlag {
    raised: AtomicBool,
    /// A flag that counts for this one as well.
    above: Option<&'static StopFlag>,
}

impl StopFlag {
    pub const fn new() -> Self {
        Self { raised: AtomicBool::new(false), above: None }
    }

    /// A flag that is raised on its own or with the one above it.
    pub const fn below(above: &'static StopFlag) -> Self {
        Self { raised: AtomicBool::new(false), above: Some(above) }
    }

    pub fn raise(&self) {
        self.raised.store(true, Ordering::Relaxed);
    }

    pub fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Relaxed) || self.above.is_some_and(Self::is_raised)
    }
}
