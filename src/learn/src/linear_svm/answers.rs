//! What linear machines for classes answer, alone and together.

use ndarray::{Array1, Array2, ArrayView2};

use super::Plane;
use crate::{Convergence, Features, rows};

/// What [`LinearSupportVectorClassifier`](super::LinearSupportVectorClassifier) learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedLinearSupportVectorClassifier {
    pub(super) planes: Vec<Plane>,
    pub(super) present: Vec<u32>,
    pub(super) classes: usize,
}

impl FittedLinearSupportVectorClassifier {
    /// Rows × machines: one machine for the higher of two classes, else one a present class.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn decisions(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        self.by_planes(x.nrows(), |plane| plane.decisions(x))
    }

    fn by_planes(&self, rows: usize, decide: impl Fn(&Plane) -> Vec<f64>) -> Array2<f64> {
        let mut decisions = Array2::zeros((rows, self.planes.len()));
        for (plane, mut column) in self.planes.iter().zip(decisions.columns_mut()) {
            column.iter_mut().zip(decide(plane)).for_each(|(to, value)| *to = value);
        }
        decisions
    }

    /// Rows × classes, the greater the likelier: the decisions, with two classes also the opposite;
    /// none where not all classes were present in the training.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn margins(&self, x: ArrayView2<'_, f64>) -> Option<Array2<f64>> {
        if self.present.len() != self.classes || self.classes < 2 {
            return None;
        }
        let decisions = self.decisions(x);
        if self.classes > 2 {
            return Some(decisions);
        }
        let mut both = Array2::zeros((x.nrows(), 2));
        both.column_mut(1).assign(&decisions.column(0));
        both.column_mut(0).assign(&decisions.column(0).mapv(|decision| -decision));
        Some(both)
    }

    /// The class of the largest decision, the first of equal ones.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        self.answers(&self.decisions(x))
    }

    /// The answers of [`predict_rows`](Self::predict_rows), and of a binary target columns that rank the rows:
    /// `½ (1 ± f / (1 + |f|))` for the decision `f`.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn answer(&self, x: ArrayView2<'_, f64>) -> (Array1<u32>, Option<Array2<f64>>) {
        self.told(&self.decisions(x))
    }

    /// As [`answer`](Self::answer), of features.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn answer_of(&self, features: &Features<'_>) -> (Array1<u32>, Option<Array2<f64>>) {
        self.told(&self.by_planes(features.rows(), |plane| plane.decisions_of(features)))
    }

    fn told(&self, decisions: &Array2<f64>) -> (Array1<u32>, Option<Array2<f64>>) {
        let ranks = (self.classes == 2 && self.present.len() == 2).then(|| {
            let rank = |decision: f64| 0.5 * (1.0 + decision / (1.0 + decision.abs()));
            Array2::from_shape_fn((decisions.nrows(), 2), |(row, column)| {
                let higher = rank(decisions[[row, 0]]);
                if column == 1 { higher } else { 1.0 - higher }
            })
        });
        (self.answers(decisions), ranks)
    }

    fn answers(&self, decisions: &Array2<f64>) -> Array1<u32> {
        if self.present.len() == 2 {
            return decisions.column(0).mapv(|decision| self.present[usize::from(decision > 0.0)]);
        }
        rows::largest(decisions).mapv(|index| self.present[index as usize])
    }

    /// One machine's coefficients and its intercept, in the order of the decisions.
    pub fn planes(&self) -> impl Iterator<Item = (&[f64], f64)> {
        self.planes.iter().map(|plane| (&*plane.coefficients, plane.intercept))
    }

    /// The dual objective of each machine; minus the primal one at the optimum.
    pub fn objectives(&self) -> impl Iterator<Item = f64> {
        self.planes.iter().map(|plane| plane.objective)
    }

    /// How the training ended, over all machines.
    #[must_use]
    pub fn convergence(&self) -> Convergence {
        let worst = |a: Convergence, b: &Plane| Convergence {
            converged: a.converged && b.convergence.converged,
            iterations: a.iterations.max(b.convergence.iterations),
            tolerance: a.tolerance,
            gradient: a.gradient.max(b.convergence.gradient),
        };
        self.planes.iter().fold(self.planes[0].convergence, worst)
    }
}
