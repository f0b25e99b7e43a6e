//! Measures every metric of a plan on the judged rows, and the dummy model beside it.

use crate::data::{Judged, Measurement, Memo, Prediction, Rows, Task, Truth, Undefined, Value};
use crate::kinds::metrics::AnyMetric;
use crate::kinds::models::{Context, Dummy, DummyStrategy, Learner, Target};
use crate::plan::Metric;

/// The judged rows: the truth and what the dummy can learn from.
#[derive(Clone, Copy)]
pub struct Judgement<'a> {
    pub truth: Truth<'a>,
    /// The training rows' answers; none where nothing is trained.
    pub training: Option<Target<'a>>,
    pub positive: Option<u32>,
    pub rows: Option<Rows<'a>>,
    pub count: usize,
}

/// One measurement a metric, in the order of the plan.
pub fn measure(
    metrics: &[Metric],
    prediction: &Prediction,
    judgement: &Judgement<'_>,
    context: &Context<'_>,
) -> Vec<Measurement> {
    let judged = judgement.of(prediction);
    metrics
        .iter()
        .map(|metric| {
            let value = value_of(&metric.kind, &judged);
            let dummy = dummy_for(&metric.kind, judgement, context)
                .and_then(|dummy| value_of(&metric.kind, &judgement.of(&dummy)).ok());
            Measurement {
                name: metric.name.clone(),
                metric: metric.kind.name(),
                value,
                rows: judgement.count,
                dummy,
            }
        })
        .collect()
}

impl<'a> Judgement<'a> {
    /// A prediction on these rows.
    fn of<'b>(&self, prediction: &'b Prediction) -> Judged<'b>
    where
        'a: 'b,
    {
        Judged {
            truth: self.truth,
            prediction,
            positive: self.positive,
            rows: self.rows.map(Rows::reborrow),
            weights: None,
            times: None,
            memo: Memo::default(),
        }
    }
}

fn value_of(metric: &AnyMetric, judged: &Judged<'_>) -> Value {
    let value = metric.kind().measure(judged)?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Undefined::ByData(format!("{} is not a finite number on these rows", metric.name())))
    }
}

/// What a model that ignores the features answers: the most frequent class with the shares as
/// probabilities, the median for the mean absolute error, the mean for other errors.
fn dummy_for(
    metric: &AnyMetric,
    judgement: &Judgement<'_>,
    context: &Context<'_>,
) -> Option<Prediction> {
    let strategy = match metric {
        AnyMetric::MeanAbsoluteError(_) => Some(DummyStrategy::Median),
        _ => None,
    };
    if metric.kind().about().tasks == [Task::Clustering] {
        return None;
    }
    let none: [std::sync::Arc<str>; 0] = [];
    let features = ndarray::Array2::zeros((judgement.count, 0));
    let rows = Rows { values: features.view(), names: &none };
    let fit = Dummy { strategy }.fit(rows, judgement.training?, context).ok()?;
    Some(fit.model.predict(rows))
}
