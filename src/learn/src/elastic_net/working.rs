//! The set of columns that take part in an elastic net, with the products between them.

use super::Sign;
use super::descent::Descent;
use super::design::{Design, State};
use super::flat::Direction;
use super::quadratic::{Penalty, Quadratic, ROUNDING};
use crate::dense::dot;
use crate::products::{products, rough_products};
use crate::{Control, Convergence, Error};

/// Columns up to which all products are worked out at once.
const ALL_COLUMNS: usize = 128;

/// Columns up to which all that want to take part do at once, where some follow from codes: how often those meet
/// is soon counted.
const CODED_COLUMNS: usize = 1024;

/// Columns that enter at a time at least.
const FEWEST: usize = 64;

/// By how many times the columns may become more at a time.
const GROWTH: usize = 4;

/// Columns from which products with the digits of `f32` are used, and how many rows a column there
/// must be for them.
const ROUGH_COLUMNS: usize = 256;
const ROUGH_ROWS: usize = 2;

/// By how much products with the digits of `f32` have to shrink the violation.
const SHRINKS: f64 = 0.1;

/// The products of so many columns cost as much as a pass over the rows for each of them.
const COLUMNS_A_PASS: usize = 16;

/// The share of the bound on the duality gap that a descent aims at.
const MARGIN: f64 = 0.5;

/// Bytes that the products, or columns with the digits of `f32`, may take.
const LARGEST: u64 = 4 << 30;

/// The columns that had a coefficient so far, or should get one.
pub(super) struct WorkingSet {
    /// Indices into the design's active columns, in the order in which they entered.
    columns: Vec<usize>,
    /// For each of `columns` its products with all of them.
    gram: Vec<Vec<f64>>,
    digits: Digits,
    descent: Rows,
    /// Coefficients of all active columns.
    coefficients: Vec<f64>,
}

/// Whether the rows are descended on instead of the products.
enum Rows {
    NotYet,
    Yes {
        descent: Descent,
        passes: usize,
    },
    /// They would have to be passed too often.
    NoMore,
}

/// How exact the products are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Digits {
    /// As `f64` so far.
    All,
    /// Some as `f32` only: then slopes are those of the rows, and what is left is solved anew.
    Few,
    /// As `f64` for good.
    AllAgain,
}

impl WorkingSet {
    pub(super) fn new(design: &Design<'_>, control: &Control<'_>) -> Result<Self, Error> {
        let width = design.active.len();
        let mut set = Self {
            columns: Vec::new(),
            gram: Vec::new(),
            digits: Digits::All,
            // Products of codes cost less than a look at the rows.
            descent: if design.coded.is_some() { Rows::NoMore } else { Rows::NotYet },
            coefficients: vec![0.0; width],
        };
        if width <= ALL_COLUMNS && width < design.rows() {
            set.add(design, &(0..width).collect::<Vec<_>>(), control)?;
        }
        Ok(set)
    }

    pub(super) fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// Moves the coefficients to the minimum.
    pub(super) fn minimize(
        &mut self,
        design: &Design<'_>,
        penalty: &Penalty,
        max_iter: usize,
        tolerance: f64,
        control: &Control<'_>,
    ) -> Result<Convergence, Error> {
        let bound = 1e-4 * tolerance;
        let mut smallest = 1e-2 * bound.sqrt();
        let mut iterations = 0;
        let mut before = f64::INFINITY;
        loop {
            control.poll()?;
            let state = self.state(design);
            let (gap, violation) = self.distance(&state, penalty);
            let converged = gap <= bound || violation <= ROUNDING;
            if converged || iterations == max_iter {
                return Ok(Convergence { converged, iterations, tolerance, gradient: gap });
            }
            let left = max_iter - iterations;
            let aim = MARGIN * bound / gap;
            if let Some(passes) = self.descend(design, &state, penalty, (aim, left), control)? {
                iterations += passes;
                continue;
            }
            let entering = self.entering(design, &state, penalty);
            if entering.is_empty() {
                if self.digits == Digits::Few && violation > SHRINKS * before {
                    self.sharpen(design, control)?;
                }
                smallest *= 0.1;
            }
            before = violation;
            self.add(design, &entering, control)?;
            let mut point: Vec<f64> = self.columns.iter().map(|j| self.coefficients[*j]).collect();
            let linear = self.linear(design, &state, &point);
            let (columns, gram, flat) = (&self.columns[..], &self.gram[..], &self.flat(design)[..]);
            let quadratic = Quadratic { columns, gram, linear: &linear, penalty, flat };
            iterations += quadratic.descend(&mut point, left, smallest, control)?.max(1);
            for (&j, value) in self.columns.iter().zip(point) {
                self.coefficients[j] = value;
            }
        }
    }

    fn state(&self, design: &Design<'_>) -> State {
        if self.digits == Digits::Few || self.columns.len() < design.active.len() {
            return design.state(&self.coefficients);
        }
        // All products are known: the rows need not be looked at.
        let mut slopes = design.correlations.clone();
        for (&j, row) in self.columns.iter().zip(&self.gram) {
            for (&k, value) in self.columns.iter().zip(row) {
                slopes[j] -= value * self.coefficients[k];
            }
        }
        let length = dot(&design.right, &design.right);
        let product = length - dot(&design.correlations, &self.coefficients);
        let squares = product - dot(&slopes, &self.coefficients);
        State { slopes, squares: squares.max(0.0), product }
    }

    /// The linear part of the objective over the columns, `q` of `uᵀ G u / 2 - q·u`.
    fn linear(&self, design: &Design<'_>, state: &State, point: &[f64]) -> Vec<f64> {
        if self.digits != Digits::Few {
            return self.columns.iter().map(|j| design.correlations[*j]).collect();
        }
        // With its slopes at this point the quadratic function is the objective's own there.
        self.columns
            .iter()
            .zip(&self.gram)
            .map(|(&j, row)| state.slopes[j] + dot(row, point))
            .collect()
    }

    /// The directions of coefficients of the set that change no row, by places in the set.
    fn flat(&self, design: &Design<'_>) -> Vec<Direction> {
        let Some(coded) = &design.coded else { return Vec::new() };
        let mut places = vec![None; self.coefficients.len()];
        for (place, &j) in self.columns.iter().enumerate() {
            places[j] = Some(place);
        }
        let within = |direction: &Direction| {
            direction.iter().map(|(j, part)| places[*j].map(|place| (place, *part))).collect()
        };
        coded.flat.iter().filter_map(within).collect()
    }

    /// The duality gap, relative to half the squared length of the target (which is 1), and the
    /// largest violation of the conditions of an optimum.
    fn distance(&self, state: &State, penalty: &Penalty) -> (f64, f64) {
        let mut violation = 0.0_f64;
        // The residuals, made this much shorter, are a feasible point of the dual.
        let mut shrink = 1.0_f64;
        let (mut absolute, mut square) = (0.0, 0.0);
        for (j, &coefficient) in self.coefficients.iter().enumerate() {
            violation = violation.max(penalty.violation(j, coefficient, state.slopes[j]));
            if coefficient != 0.0 {
                absolute += penalty.absolute[j] * coefficient.abs();
                square += penalty.square[j] * coefficient * coefficient;
            }
            let rest = if coefficient == 0.0 {
                state.slopes[j]
            } else {
                state.slopes[j] - penalty.square[j] * coefficient
            };
            let outward = match penalty.sign {
                Sign::Any => rest.abs(),
                Sign::Positive => rest.max(0.0),
            };
            if outward > penalty.absolute[j] {
                shrink = shrink.min(penalty.absolute[j] / outward);
            }
        }
        let both = 0.5 * (1.0 + shrink * shrink);
        let gap = both * (state.squares + square) + absolute - shrink * state.product;
        (2.0 * gap.max(0.0), violation)
    }

    /// Descends on the rows, where that is the cheaper way so far; the passes made.
    fn descend(
        &mut self,
        design: &Design<'_>,
        state: &State,
        penalty: &Penalty,
        (aim, left): (f64, usize),
        control: &Control<'_>,
    ) -> Result<Option<usize>, Error> {
        let (mut descent, mut passes) = match std::mem::replace(&mut self.descent, Rows::NoMore) {
            Rows::NotYet => (Descent::default(), 0),
            Rows::Yes { descent, passes } => (descent, passes),
            Rows::NoMore => return Ok(None),
        };
        let before: Vec<usize> = descent.columns().collect();
        let eager = self.eager(before.iter().chain(&self.columns), state, penalty);
        if before.is_empty() && eager.len() < ROUGH_COLUMNS {
            self.descent = Rows::NotYet;
            return Ok(None);
        }
        let all = self.coefficients.len();
        let entering = if !before.is_empty() {
            eager
        } else if 2 * eager.len() < all {
            [&self.columns[..], &eager].concat()
        } else {
            // The few that are content now would want to enter in the midst.
            (0..all).collect()
        };
        let after = before.len() + entering.len();
        let fits = 4 * after as u64 * design.rows() as u64 <= LARGEST;
        if fits && after * ROUGH_ROWS <= design.rows() && passes < after / COLUMNS_A_PASS {
            descent.add(design, &entering, control)?;
            let rows = design.rows();
            let coefficients = &mut self.coefficients;
            let stage =
                descent.stage(rows, &state.slopes, coefficients, penalty, (aim, left), control)?;
            passes += stage.passes;
            if stage.reached {
                self.descent = Rows::Yes { descent, passes };
            }
            return Ok(Some(stage.passes));
        }
        Ok(None)
    }

    /// The columns to go on with: those outside that have a coefficient already, and those whose
    /// coefficients want to leave 0, the most eager first.
    fn entering(&self, design: &Design<'_>, state: &State, penalty: &Penalty) -> Vec<usize> {
        let mut inside = vec![false; self.coefficients.len()];
        for &j in &self.columns {
            inside[j] = true;
        }
        let outside = |j: &usize| !inside[*j] && self.coefficients[*j] != 0.0;
        let mut entering: Vec<usize> = (0..inside.len()).filter(outside).collect();
        let mut eager = self.eager(self.columns.iter().chain(&entering), state, penalty);
        let all = inside.len();
        if design.coded.is_some() && all <= CODED_COLUMNS {
            let after = self.columns.len() + entering.len() + eager.len();
            if eager.is_empty() || 2 * after < all {
                entering.append(&mut eager);
                return entering;
            }
            // A flat direction is one of all columns of a block.
            return (0..all).filter(|j| !inside[*j]).collect();
        }
        let most = FEWEST.max((GROWTH - 1) * self.columns.len());
        eager.truncate(most.saturating_sub(entering.len()));
        entering.append(&mut eager);
        entering
    }

    /// The columns besides those inside whose coefficients want to leave 0, the most eager first.
    fn eager<'a>(
        &self,
        inside: impl Iterator<Item = &'a usize>,
        state: &State,
        penalty: &Penalty,
    ) -> Vec<usize> {
        let mut out = vec![true; self.coefficients.len()];
        for &j in inside {
            out[j] = false;
        }
        let mut eager: Vec<(usize, f64)> = (0..out.len())
            .filter(|j| out[*j])
            .map(|j| (j, penalty.violation(j, 0.0, state.slopes[j])))
            .filter(|(_, violation)| *violation > 0.0)
            .collect();
        eager.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        eager.into_iter().map(|(j, _)| j).collect()
    }

    fn add(
        &mut self,
        design: &Design<'_>,
        entering: &[usize],
        control: &Control<'_>,
    ) -> Result<(), Error> {
        let (before, after) = (self.columns.len(), self.columns.len() + entering.len());
        let bytes = 8 * (after as u64).pow(2);
        if bytes > LARGEST {
            let what = format!("the products of {after} columns that take part");
            return Err(Error::memory(what, bytes));
        }
        if before == after {
            return Ok(());
        }
        self.columns.extend(entering);
        let fill = |k: usize, range: std::ops::Range<usize>, out: &mut [f64]| {
            design.fill(self.columns[k], range, out);
        };
        let may_be_rough = self.digits != Digits::AllAgain
            && after >= ROUGH_COLUMNS
            && design.rows() >= ROUGH_ROWS * after;
        let sums = if let Some(coded) = &design.coded {
            coded.products(design, &self.columns, before, control)?
        } else if may_be_rough {
            self.digits = Digits::Few;
            rough_products(design.rows(), before..after, &fill, control)?
        } else {
            products(design.rows(), before..after, &fill, control)?
        };
        for (k, row) in sums.chunks(after).enumerate() {
            for (l, value) in row[..before].iter().enumerate() {
                debug_assert_eq!(self.gram[l].len(), before + k);
                self.gram[l].push(*value);
            }
        }
        self.gram.extend(sums.chunks(after).map(<[f64]>::to_vec));
        Ok(())
    }

    /// Works all products out with all digits.
    fn sharpen(&mut self, design: &Design<'_>, control: &Control<'_>) -> Result<(), Error> {
        self.digits = Digits::AllAgain;
        self.gram.clear();
        let columns = std::mem::take(&mut self.columns);
        self.add(design, &columns, control)
    }
}
