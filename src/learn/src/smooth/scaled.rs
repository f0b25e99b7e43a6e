//! Columns as a minimiser sees them: centred, and scaled so that the function has a curvature of
//! about 1 along each coefficient.

use std::ops::Range;

use crate::dense::Spread;
use crate::features::Features;
use crate::mixed::Mixed;
use crate::rows;

/// Column `j` enters as `(x - mean) * scale`; after the last column stand ones for the intercept,
/// if there is one.
pub(crate) struct Scaled<'a> {
    features: &'a Features<'a>,
    /// Those that follow from codes apart from the dense ones.
    mixed: Mixed<'a>,
    /// The places of the columns that are at hand: the dense ones, and the ones of the intercept.
    held: Vec<usize>,
    spreads: Vec<Spread>,
    scales: Vec<f64>,
    penalties: Vec<f64>,
    fit_intercept: bool,
}

/// A linear function in the units of the columns.
pub(crate) struct Linear {
    pub(crate) coefficients: Vec<f64>,
    /// The value at the means of the columns, where it loses the fewest digits.
    pub(crate) central: f64,
    /// The value where every column is 0.
    pub(crate) intercept: f64,
}

impl<'a> Scaled<'a> {
    /// For a function whose curvature is about the square of `root` by a column of deviation 1, plus
    /// `strength` times half the square of each coefficient in the units of its column.
    pub(crate) fn new(
        features: &'a Features<'a>,
        weights: Option<&[f64]>,
        root: f64,
        strength: f64,
        fit_intercept: bool,
    ) -> Self {
        let spreads = features.spreads(weights, fit_intercept);
        let scales: Vec<f64> = spreads
            .iter()
            .map(|spread| {
                let scale = 1.0 / (root * spread.deviation).hypot(strength.sqrt());
                if spread.deviation > 0.0 && scale.is_finite() { scale } else { 0.0 }
            })
            .collect();
        let mut penalties: Vec<f64> =
            scales.iter().map(|scale| (strength.sqrt() * scale).powi(2)).collect();
        if fit_intercept {
            penalties.push(0.0);
        }
        let all: Vec<usize> = (0..features.len()).collect();
        let mixed = Mixed::new(features, &all, &spreads, &scales);
        let mut held = mixed.dense.clone();
        if fit_intercept {
            held.push(features.len());
        }
        Self { features, mixed, held, spreads, scales, penalties, fit_intercept }
    }

    /// Columns without that of the intercept.
    pub(crate) fn len(&self) -> usize {
        self.features.len()
    }

    /// The columns that follow from codes; none where all are at hand.
    pub(crate) fn mixed(&self) -> Option<&Mixed<'a>> {
        self.features.has_blocks().then_some(&self.mixed)
    }

    /// The places of the columns that [`Scaled::fill`] writes.
    pub(crate) fn held(&self) -> &[usize] {
        &self.held
    }

    /// Columns with that of the intercept.
    pub(crate) fn width(&self) -> usize {
        self.penalties.len()
    }

    /// The curvature of the penalty along each scaled coefficient.
    pub(crate) fn penalties(&self) -> &[f64] {
        &self.penalties
    }

    /// Whether the column tells nothing, so that its coefficient stays 0.
    pub(crate) fn is_constant(&self, j: usize) -> bool {
        self.scales.get(j) == Some(&0.0)
    }

    pub(crate) fn means(&self) -> Vec<f64> {
        self.spreads.iter().map(|spread| spread.mean).collect()
    }

    /// The columns of [`Scaled::held`], scaled, at some rows, [`rows::BLOCK`] places a column; rows without
    /// weight are 0.
    pub(crate) fn fill(&self, range: Range<usize>, weights: Option<&[f64]>, out: &mut [f64]) {
        for (&j, out) in self.held.iter().zip(out.chunks_mut(rows::BLOCK)) {
            if j == self.features.len() {
                out.fill(1.0);
                continue;
            }
            let (spread, scale, out) = (self.spreads[j], self.scales[j], &mut out[..range.len()]);
            self.features.fill(j, range.clone(), out);
            for out in &mut *out {
                *out = (*out - spread.mean - spread.rest) * scale;
            }
            if let Some(weights) = weights {
                for (out, weight) in out.iter_mut().zip(&weights[range.clone()]) {
                    // A row that does not count may be too far out for a product with 0.
                    *out = if *weight > 0.0 { *out } else { 0.0 };
                }
            }
        }
    }

    /// The linear function of scaled coefficients.
    pub(crate) fn in_own_units(&self, point: &[f64]) -> Linear {
        let coefficients: Vec<f64> =
            point.iter().zip(&self.scales).map(|(value, scale)| value * scale).collect();
        let constant = if self.fit_intercept { point[self.features.len()] } else { 0.0 };
        let about = |part: fn(&Spread) -> f64| -> f64 {
            let spreads = coefficients.iter().zip(&self.spreads);
            spreads.map(|(value, spread)| value * part(spread)).sum()
        };
        let central = constant - about(|spread| spread.rest);
        Linear { central, intercept: central - about(|spread| spread.mean), coefficients }
    }
}
