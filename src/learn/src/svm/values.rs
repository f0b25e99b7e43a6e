//! Support vector regression.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::shape::{Gamma, Kernel};
use super::solver::Problem;
use super::{Machine, counted, positive, validate};
use crate::dense::{max_abs, power_of_two};
use crate::input::{self, Columns};
use crate::{Control, Error};

parameters! {
    /// Support vector regression (Drucker and others, 1997): the `f` that minimises
    /// `½|f|² + c Σ wᵢ max(0, |yᵢ - f(xᵢ) - b| - epsilon)` in the space of the kernel, as scikit-learn's
    /// `SVR`.
    ///
    /// The way to the optimum is that of [`SupportVectorClassifier`](super::SupportVectorClassifier), with
    /// one variable a row: the difference of the two that libsvm has.
    SupportVectorRegressor => CheckedSupportVectorRegressor {
        /// What a unit of error costs, above 0. The default is 1.
        c: f64 = 1.0,
        /// Errors up to this cost nothing; from 0. The default is 0.1.
        epsilon: f64 = 0.1,
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

impl CheckedSupportVectorRegressor {
    fn validate(&self) -> Result<(), Error> {
        positive("c", self.c)?;
        if !(self.epsilon.is_finite() && self.epsilon >= 0.0) {
            let message = format!("is {}, not a number from 0", self.epsilon);
            return Err(Error::parameter("epsilon", message));
        }
        validate(&shape!(self), &settings!(self))
    }

    /// Fits `x` (rows × columns) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped, and
    /// [`Error::Column`] where the kernel leaves the range of numbers.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedSupportVectorRegressor, Error> {
        let columns = Columns::new(x)?;
        let y = input::values(y, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        let picked = counted(columns.rows(), weights);
        let ready = shape!(self).resolve(x, &columns, &picked, weights)?;
        let z: Vec<f64> = picked.iter().map(|&row| y[row as usize]).collect();
        // About its middle the target is small; a huge one is brought into range by a power of two.
        let (least, most) =
            z.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), z| (a.min(*z), b.max(*z)));
        let centre = 0.5 * least + 0.5 * most;
        let z: Vec<f64> = z.into_iter().map(|z| z - centre).collect();
        let unit = power_of_two(max_abs(&z)).max(HUGE) / HUGE;
        let costs: Vec<f64> = picked
            .iter()
            .map(|&row| self.c * weights.map_or(1.0, |weights| weights[row as usize]) / unit)
            .collect();
        let problem = Problem {
            kernel: ready.kernel,
            points: ready.points.clone(),
            start: vec![0.0; z.len()],
            z: z.into_iter().map(|z| z / unit).collect(),
            epsilon: self.epsilon / unit,
            low: costs.iter().map(|cost| -cost).collect(),
            high: costs,
        };
        let solution = problem.solve(&settings!(self), control)?;
        let mut machine = Machine::new(&ready, &solution, self.tol);
        machine.factors.iter_mut().for_each(|factor| *factor *= unit);
        machine.intercept = machine.intercept * unit + centre;
        machine.objective *= unit * unit;
        Ok(FittedSupportVectorRegressor { machine })
    }
}

/// Targets up to this size are taken as they are.
const HUGE: f64 = 1e50;

/// What [`SupportVectorRegressor`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedSupportVectorRegressor {
    machine: Machine,
}

impl FittedSupportVectorRegressor {
    /// `f(x) + b` for every row.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        self.machine.decisions(x)
    }
}

machine!(FittedSupportVectorRegressor);

linfa_regressor!(CheckedSupportVectorRegressor, FittedSupportVectorRegressor);
