//! What the lasso and the elastic net share: the training of a linear model that leaves columns
//! out.

use linfa::ParamGuard;
use mlspec_learn::ElasticNet;
use mlspec_learn::elastic_net::FittedElasticNet;

use super::{Context, Failure, Fit, Fitted, Target, adapter, wrong_target};
use crate::data::{Prediction, Rows};
use crate::diagnostic::counted;

struct Trained(FittedElasticNet);

/// Trains an elastic net; the summary says how many columns it kept.
///
/// # Errors
/// What keeps the model from being trained, or that the stop flag was raised.
pub fn fit(
    parameters: ElasticNet,
    x: Rows<'_>,
    y: Target<'_>,
    context: &Context<'_>,
) -> Result<Fit, Failure> {
    let Target::Values(y) = y else { return Err(wrong_target()) };
    let fitted = adapter::train(context, x, |control| {
        parameters.check()?.fit_features(&adapter::features(x)?, y.into(), control)
    })?;
    let convergence = fitted.convergence();
    let notes = adapter::not_converged(&convergence, x).into_iter().collect();
    let kept = fitted.coefficients().iter().filter(|value| **value != 0.0).count();
    let summary = format!(
        "{kept} of {}, {}",
        counted(x.names.len(), "coefficient"),
        counted(convergence.iterations, "iteration")
    );
    Ok(Fit { model: Box::new(Trained(fitted)), notes, summary })
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let values = if x.indicators.is_empty() {
            self.0.predict_rows(x.values)
        } else {
            self.0.predict_features(&adapter::checked_features(x))
        };
        Prediction::Values(values.to_vec())
    }
}
