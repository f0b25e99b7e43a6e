//! What a trained model answers, some rows at a time, so that a request to stop is heard between them.
//! Predictions are row by row, so that the parts say what the whole would.

use ndarray::{Array2, ArrayView2, Axis, concatenate};

use super::out_of_fold::{Taken, columns_of};
use super::{Failure, Fitted, StopFlag};
use crate::data::{Prediction, Rows};

/// Steps of work that a thread does between two looks at the stop flag: less than a tenth of a second.
const STEPS: usize = 1 << 25;

/// Rows that a thread gets at least, and where one row alone takes long. Kernels take so many together.
const LEAST: usize = 1024;
const LEAST_OF_LONG: usize = 128;

/// What the model answers; as [`Fitted::predict_in_fold`].
///
/// # Errors
/// That the stop flag was raised.
pub fn ask(
    model: &dyn Fitted,
    x: Rows<'_>,
    positions: &[u32],
    stop: &StopFlag,
) -> Result<Prediction, Failure> {
    let parts = in_parts(model, x, positions, stop, |x, rows| model.predict_in_fold(x, rows))?;
    Ok(together(parts))
}

/// What the model says, as columns of numbers; as [`columns_of`].
///
/// # Errors
/// That the stop flag was raised.
pub fn ask_columns(
    model: &dyn Fitted,
    x: Rows<'_>,
    positions: &[u32],
    classes: usize,
    taken: Taken,
    stop: &StopFlag,
) -> Result<Array2<f64>, Failure> {
    let answer = |x: Rows<'_>, rows: &[u32]| columns_of(model, x, rows, classes, taken);
    let mut parts = in_parts(model, x, positions, stop, answer)?;
    Ok(match parts.len() {
        1 => parts.remove(0),
        _ => stacked(&parts),
    })
}

fn in_parts<T>(
    model: &dyn Fitted,
    x: Rows<'_>,
    positions: &[u32],
    stop: &StopFlag,
    answer: impl Fn(Rows<'_>, &[u32]) -> T,
) -> Result<Vec<T>, Failure> {
    let rows = positions.len();
    let at_once = match model.work() {
        // The answers hang together, or cost nothing.
        0 => rows,
        work => {
            let work = work.saturating_add(16 * x.values.ncols());
            let least = if work < 1 << 19 { LEAST } else { LEAST_OF_LONG };
            (STEPS / work / least).max(1) * least * rayon::current_num_threads()
        }
    };
    if stop.is_raised() {
        return Err(Failure::Stopped);
    }
    if rows <= at_once {
        return Ok(vec![answer(x, positions)]);
    }
    let mut parts = Vec::with_capacity(rows.div_ceil(at_once));
    for (index, positions) in positions.chunks(at_once).enumerate() {
        if stop.is_raised() {
            return Err(Failure::Stopped);
        }
        let start = index * at_once;
        parts.push(answer(x.part(start..start + positions.len()), positions));
    }
    Ok(parts)
}

/// The answers of all parts; they are of one kind.
fn together(mut parts: Vec<Prediction>) -> Prediction {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let (mut numbers, mut classes, mut matrices) = (Vec::new(), Vec::new(), Vec::new());
    let (mut groups, mut distances) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Prediction::Values(values) => numbers.extend(values),
            Prediction::Codes { codes, probabilities } => {
                classes.extend(codes);
                matrices.extend(probabilities);
            }
            Prediction::Clusters { codes, squared_distances } => {
                groups.extend(codes);
                distances.extend(squared_distances.into_iter().flatten());
            }
        }
    }
    if !classes.is_empty() {
        let probabilities = (!matrices.is_empty()).then(|| stacked(&matrices));
        return Prediction::Codes { codes: classes, probabilities };
    }
    if !groups.is_empty() {
        let squared_distances = (!distances.is_empty()).then_some(distances);
        return Prediction::Clusters { codes: groups, squared_distances };
    }
    Prediction::Values(numbers)
}

fn stacked(parts: &[Array2<f64>]) -> Array2<f64> {
    let views: Vec<ArrayView2<'_, f64>> = parts.iter().map(Array2::view).collect();
    concatenate(Axis(0), &views).expect("every part has the columns of the model")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Answers with the first column, and raises the flag after so many rows.
    struct Slow<'a> {
        work: usize,
        stop: &'a StopFlag,
        until: f64,
    }

    impl Fitted for Slow<'_> {
        fn predict(&self, x: Rows<'_>) -> Prediction {
            let values = x.values.column(0).to_vec();
            if values.contains(&self.until) {
                self.stop.raise();
            }
            let squares = values.iter().map(|value| value * value).collect();
            let codes = values.iter().map(|value| Some(*value as u32)).collect();
            Prediction::Clusters { codes, squared_distances: Some(squares) }
        }

        fn work(&self) -> usize {
            self.work
        }
    }

    fn asked(work: usize, until: f64) -> Result<Prediction, Failure> {
        let rows = 500 * rayon::current_num_threads();
        let values = Array2::from_shape_fn((rows, 1), |(row, _)| row as f64);
        let names: [Arc<str>; 1] = ["a".into()];
        let x = Rows {
            values: values.view(),
            names: &names,
            levels: &[0],
            indicators: Default::default(),
        };
        let positions: Vec<u32> = (0..rows as u32).collect();
        let stop = StopFlag::new();
        ask(&Slow { work, stop: &stop, until }, x, &positions, &stop)
    }

    #[test]
    fn parts_say_what_the_whole_says() {
        let whole = asked(0, -1.0).unwrap();
        let parts = asked(usize::MAX, -1.0).unwrap();
        assert_eq!(format!("{whole:?}"), format!("{parts:?}"));
    }

    #[test]
    fn a_stop_is_heard_between_parts() {
        assert!(matches!(asked(usize::MAX, 3.0), Err(Failure::Stopped)));
        assert!(asked(1, 3.0).is_ok(), "little work is done at once");
    }
}
