//! A model that groups all rows, in the form of a learner that remembers what it said.

use crate::data::{Prediction, Rows};
use crate::kinds::models::{Context, Failure, Fit, Fitted, Labeller, Learner, Target};

/// Learns the groups of the rows; the same rows are then asked for.
pub struct Grouping<'a>(pub &'a dyn Labeller);

struct Groups(Vec<Option<u32>>);

impl Learner for Grouping<'_> {
    fn fit(&self, x: Rows<'_>, _: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let labelled = self.0.label(x, context)?;
        let model = Box::new(Groups(labelled.clusters));
        Ok(Fit { model, notes: labelled.notes, summary: labelled.summary })
    }
}

impl Fitted for Groups {
    fn predict(&self, _: Rows<'_>) -> Prediction {
        Prediction::Clusters { codes: self.0.clone(), squared_distances: None }
    }

    // What it remembers is of all rows.
    fn work(&self) -> usize {
        0
    }
}
