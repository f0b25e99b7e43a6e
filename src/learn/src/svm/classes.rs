//! Support vector classification: one machine for each pair of classes.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::answers::FittedSupportVectorClassifier;
use super::pairs::{Groups, Training};
use super::shape::{Gamma, Kernel};
use super::{counted, positive, probability, validate};
use crate::input::{self, Columns};
use crate::{ClassWeight, Control, Error};

parameters! {
    /// Support vector classification (Cortes and Vapnik, 1995), by the rules of libsvm (Chang and Lin,
    /// 2011), on which scikit-learn's `SVC` stands.
    ///
    /// For two classes, with `t = ±1`, the `f` that minimises
    /// `½|f|² + c Σ wᵢ max(0, 1 - tᵢ (f(xᵢ) + b))` in the space of the kernel. For more, one machine
    /// for each pair of classes; the class with the most votes is answered, the first of equal
    /// ones.
    ///
    /// Sequential minimal optimisation with the working sets of Fan, Chen and Lin (2005), shrinking,
    /// and a cache of kernel rows.
    SupportVectorClassifier => CheckedSupportVectorClassifier {
        /// What a row on the wrong side costs, above 0. The default is 1.
        c: f64 = 1.0,
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
        /// The default is [`ClassWeight::None`].
        class_weight: ClassWeight = ClassWeight::None,
        /// Iterations allowed for each pair of classes. The default is `None`: ten millions, or a hundred a row.
        max_iter: Option<usize> = None,
        /// Whether there are probabilities: a sigmoid through the decisions that five folds of the rows
        /// get from machines trained on the others, and pairwise coupling. The default is `false`.
        probability: bool = false,
        /// Seed for drawing the folds. The default is 0.
        seed: u64 = 0,
    }
}

impl CheckedSupportVectorClassifier {
    fn validate(&self) -> Result<(), Error> {
        positive("c", self.c)?;
        self.class_weight.validate()?;
        validate(&shape!(self), &settings!(self))
    }

    /// Fits `x` (rows × columns) to class codes below `classes`. A class without rows (of a
    /// weight above 0) is never answered.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped,
    /// [`Error::Column`] where the kernel leaves the range of numbers, [`Error::Memory`] where there are so many
    /// classes that the model is too large, and [`Error::Degenerate`] where only one class has rows.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedSupportVectorClassifier, Error> {
        let columns = Columns::new(x)?;
        input::check_codes(codes, classes, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        let balanced = input::class_weights(codes, classes, weights, &self.class_weight)?;
        let mut picked = counted(columns.rows(), balanced.as_deref());
        // Rows of a class stand together, so that those of a pair are two runs of rows.
        picked.sort_by_key(|&row| codes[row as usize]);
        let groups = Groups::new(&picked, codes);
        groups.check_memory(picked.len())?;
        let ready = shape!(self).resolve(x, &columns, &picked, weights)?;
        let of_rows = |weights: Option<&[f64]>| -> Vec<f64> {
            picked.iter().map(|&row| weights.map_or(1.0, |all| all[row as usize])).collect()
        };
        let costs = of_rows(balanced.as_deref()).into_iter().map(|cost| self.c * cost).collect();
        let mut settings = settings!(self);
        let at_once = groups.at_once(settings.cache_bytes);
        settings.cache_bytes /= at_once as u64;
        let training = Training { ready, costs, settings, control };
        let pairs = groups.pairs();
        let mut solutions = Vec::with_capacity(pairs.len());
        for pairs in pairs.chunks(at_once) {
            let solve = |&(a, b): &(usize, usize)| training.solve(&groups.pair(a, b));
            solutions.extend(pairs.par_iter().map(solve).collect::<Result<Vec<_>, Error>>()?);
        }
        let mut model = groups.model(&training.ready, &solutions, classes, self.tol);
        if self.probability {
            model.sigmoids = Some(probability::sigmoids(
                &training,
                &groups,
                &of_rows(weights),
                at_once,
                self.seed,
            )?);
        }
        Ok(model)
    }
}

linfa_classifier!(CheckedSupportVectorClassifier, FittedSupportVectorClassifier);
