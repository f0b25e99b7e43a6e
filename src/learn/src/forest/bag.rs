//! Draws the rows of every tree of a forest, with replacement.

use crate::seeded::{Generator, mix};
use crate::{Control, Error};

/// Draws between two looks at the stop flag.
const POLLED: usize = 1 << 18;

/// How many rows are drawn for every tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxSamples {
    /// As many, at least 1.
    Count(usize),
    /// This share, above 0 and up to 1, of the rows; of the sum of their weights where they have
    /// some. Rounded down, at least 1.
    Share(f64),
}

impl MaxSamples {
    pub(crate) fn validate(self) -> Result<(), Error> {
        match self {
            Self::Share(share) if !(share > 0.0 && share <= 1.0) => {
                Err(Error::parameter("max_samples", format!("is {share}, not above 0 and up to 1")))
            }
            Self::Count(0) => Err(Error::parameter("max_samples", "is 0, not at least 1")),
            Self::Count(_) | Self::Share(_) => Ok(()),
        }
    }
}

/// The rows that can be drawn, each as likely as it weighs.
pub(crate) struct Bag {
    rows: usize,
    /// Sums of the weights up to every row; none where all are 1.
    sums: Option<Vec<f64>>,
    draws: usize,
}

impl Bag {
    /// Weights are by row; `present` rows weigh more than 0.
    ///
    /// # Errors
    /// If so many rows would have to be drawn that counting them could overflow.
    pub(crate) fn new(
        rows: usize,
        weights: Option<&[f64]>,
        present: usize,
        size: Option<MaxSamples>,
    ) -> Result<Self, Error> {
        let sums: Option<Vec<f64>> = weights.map(|weights| {
            let mut sum = 0.0;
            let add = |weight: &f64| {
                sum += weight;
                sum
            };
            weights.iter().map(add).collect()
        });
        let total = sums.as_ref().and_then(|sums| sums.last().copied()).unwrap_or(rows as f64);
        let draws = match size {
            None => present,
            Some(MaxSamples::Count(count)) => count,
            Some(MaxSamples::Share(share)) => (share * total) as usize,
        };
        if draws > u32::MAX as usize {
            let message = format!("draws {draws} rows for every tree, more than 4294967295");
            return Err(Error::parameter("max_samples", message));
        }
        Ok(Self { rows, sums, draws: draws.max(1) })
    }

    /// How often each row is drawn for the tree of this seed.
    pub(crate) fn draw(&self, seed: u64, control: &Control<'_>) -> Result<Vec<u32>, Error> {
        let mut generator = Generator::new(mix(seed ^ 0xBA6));
        let mut counts = vec![0; self.rows];
        for start in (0..self.draws).step_by(POLLED) {
            control.poll()?;
            for _ in start..self.draws.min(start + POLLED) {
                counts[self.row(generator.unit())] += 1;
            }
        }
        Ok(counts)
    }

    /// The row at a share of all weights.
    fn row(&self, share: f64) -> usize {
        match &self.sums {
            None => ((share * self.rows as f64) as usize).min(self.rows - 1),
            Some(sums) => {
                let total = sums[self.rows - 1];
                let row = sums.partition_point(|sum| *sum <= share * total);
                // Rounding up to the total must not lead behind the last row that weighs anything.
                if row < self.rows { row } else { sums.partition_point(|sum| *sum < total) }
            }
        }
    }
}
