//! The support of a distribution: where most rows lie.

use ndarray::{Array1, ArrayView2};

use super::shape::{Gamma, Kernel};
use super::solver::Problem;
use super::{Machine, counted, validate};
use crate::input::{self, Columns};
use crate::{Control, Error};

parameters! {
    /// The one-class support vector machine (Schölkopf and others, 2001): the `f` and `b` that minimise
    /// `½|f|² + Σ wᵢ max(0, -b - f(xᵢ)) + nu · Σ wᵢ · b` in the space of the kernel, as scikit-learn's
    /// `OneClassSVM`. A row is inside where `f(x) + b >= 0`.
    ///
    /// At most the share `nu` of the rows lies outside, and at least that share are support
    /// vectors. The way to the optimum is that of
    /// [`SupportVectorClassifier`](super::SupportVectorClassifier).
    OneClassSupportVectorMachine => CheckedOneClassSupportVectorMachine {
        /// The share of rows that may lie outside, above 0 and at most 1. The default is 0.5.
        nu: f64 = 0.5,
        /// The default is [`Kernel::Rbf`].
        kernel: Kernel = Kernel::Rbf,
        /// The default is [`Gamma::Scale`].
        gamma: Gamma = Gamma::Scale,
        /// The degree of [`Kernel::Poly`], up to 1000. The default is 3.
        degree: u32 = 3,
        /// What [`Kernel::Poly`] and [`Kernel::Sigmoid`] add. The default is 0.
        coef0: f64 = 0.0,
        /// Training ends when the conditions of the optimum hold to this. The default is 1e-3.
        tol: f64 = 1e-3,
        /// Whether rows that seem settled are left out until the end. The default is `true`.
        shrinking: bool = true,
        /// Mebibytes for kernel rows, up to 4096. The default is 200.
        cache_size: u32 = 200,
        /// Iterations allowed. The default is `None`: ten millions, or a hundred a row.
        max_iter: Option<usize> = None,
    }
}

impl CheckedOneClassSupportVectorMachine {
    fn validate(&self) -> Result<(), Error> {
        if !(self.nu > 0.0 && self.nu <= 1.0) {
            let message = format!("is {}, not above 0 and at most 1", self.nu);
            return Err(Error::parameter("nu", message));
        }
        validate(&shape!(self), &settings!(self))
    }

    /// Fits the rows of `x` (rows × columns).
    ///
    /// # Errors
    /// On values that are not finite, unsound weights, when stopped, and [`Error::Column`] where the
    /// kernel leaves the range of numbers.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedOneClassSupportVectorMachine, Error> {
        let columns = Columns::new(x)?;
        let weights = input::weights(control, columns.rows())?;
        let picked = counted(columns.rows(), weights);
        let ready = shape!(self).resolve(x, &columns, &picked, weights)?;
        let high: Vec<f64> = picked
            .iter()
            .map(|&row| weights.map_or(1.0, |weights| weights[row as usize]))
            .collect();
        let mut left = high.iter().sum::<f64>() * self.nu;
        let start = high
            .iter()
            .map(|&high| {
                let taken = high.min(left.max(0.0));
                left -= taken;
                taken
            })
            .collect();
        let problem = Problem {
            kernel: ready.kernel,
            points: ready.points.clone(),
            z: vec![0.0; picked.len()],
            epsilon: 0.0,
            low: vec![0.0; picked.len()],
            high,
            start,
        };
        let solution = problem.solve(&settings!(self), control)?;
        Ok(FittedOneClassSupportVectorMachine {
            machine: Machine::new(&ready, &solution, self.tol),
        })
    }
}

/// What [`OneClassSupportVectorMachine`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedOneClassSupportVectorMachine {
    machine: Machine,
}

impl FittedOneClassSupportVectorMachine {
    /// `f(x) + b` for every row: below 0 outside, as scikit-learn's `decision_function`.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn decisions(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        self.machine.decisions(x)
    }
}

machine!(FittedOneClassSupportVectorMachine);
