//! Directions along which a quadratic function does not change, so that the penalty alone says where
//! its minimum along them is.

use super::Sign;
use super::quadratic::Penalty;

/// Some coefficients with their parts of a direction.
pub(crate) type Direction = Vec<(usize, f64)>;

/// Moves the coefficients along a direction to where the penalty is least; the largest change.
/// `columns` are the indices of the coefficients in the penalty.
pub(super) fn settle(
    point: &mut [f64],
    direction: &[(usize, f64)],
    columns: &[usize],
    penalty: &Penalty,
) -> f64 {
    let Some(along) = (match penalty.sign {
        Sign::Any => lowest(point, direction, columns, penalty),
        Sign::Positive => lowest_allowed(point, direction, columns, penalty),
    }) else {
        return 0.0;
    };
    let mut largest = 0.0_f64;
    for &(k, part) in direction {
        // The one that ends the way ends at 0, and not beside it.
        let next = if -point[k] / part == along { 0.0 } else { point[k] + along * part };
        let next = if penalty.sign == Sign::Positive { next.max(0.0) } else { next };
        largest = largest.max((next - point[k]).abs());
        point[k] = next;
    }
    largest
}

/// The derivative of the squares: at the point, and by the way along the direction.
fn squares(
    point: &[f64],
    direction: &[(usize, f64)],
    columns: &[usize],
    penalty: &Penalty,
) -> (f64, f64) {
    direction.iter().fold((0.0, 0.0), |(slope, curvature), (k, part)| {
        let square = penalty.square[columns[*k]] * part;
        (slope + square * point[*k], curvature + square * part)
    })
}

/// The way to the minimum of a convex function whose slope rises at the places where a coefficient is 0.
fn lowest(
    point: &[f64],
    direction: &[(usize, f64)],
    columns: &[usize],
    penalty: &Penalty,
) -> Option<f64> {
    let (at_point, curvature) = squares(point, direction, columns, penalty);
    let mut bends: Vec<(f64, f64)> = direction
        .iter()
        .map(|&(k, part)| (-point[k] / part, penalty.absolute[columns[k]] * part.abs()))
        .collect();
    bends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut slope = at_point - bends.iter().map(|(_, by)| by).sum::<f64>();
    for (place, by) in bends {
        if slope + place * curvature >= 0.0 {
            break;
        }
        slope += 2.0 * by;
        if slope + place * curvature >= 0.0 {
            return Some(place);
        }
    }
    let along = -slope / curvature;
    along.is_finite().then_some(along)
}

/// The same where no coefficient may fall below 0.
fn lowest_allowed(
    point: &[f64],
    direction: &[(usize, f64)],
    columns: &[usize],
    penalty: &Penalty,
) -> Option<f64> {
    let (at_point, curvature) = squares(point, direction, columns, penalty);
    let absolute: f64 =
        direction.iter().map(|(k, part)| penalty.absolute[columns[*k]] * part).sum();
    let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
    for &(k, part) in direction {
        let end = -point[k] / part;
        if part > 0.0 { least = least.max(end) } else { most = most.min(end) }
    }
    let slope = at_point + absolute;
    let along = if slope == 0.0 { 0.0 } else { (-slope / curvature).max(least).min(most) };
    along.is_finite().then_some(along)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::assert_close;

    fn settled(point: [f64; 3], parts: [f64; 3], square: f64, sign: Sign) -> Vec<f64> {
        let penalty = Penalty { absolute: vec![1.0, 2.0, 0.5], square: vec![square; 3], sign };
        let direction: Vec<(usize, f64)> = parts.into_iter().enumerate().collect();
        let mut point = point.to_vec();
        settle(&mut point, &direction, &[0, 1, 2], &penalty);
        assert!(settle(&mut point, &direction, &[0, 1, 2], &penalty) < 1e-14);
        point
    }

    /// Absolute values alone are least where the coefficient in their weighted middle is 0.
    #[test]
    fn the_middle_one_is_left_out() {
        assert_eq!(settled([3.0, 1.0, -1.0], [1.0; 3], 0.0, Sign::Any), [2.0, 0.0, -2.0]);
        assert_eq!(settled([3.0, 1.0, -1.0], [4.0, 0.1, 1.0], 0.0, Sign::Any), [0.0, 0.925, -1.75]);
        assert_eq!(settled([3.0, 1.0, 2.0], [1.0; 3], 0.0, Sign::Positive), [2.0, 0.0, 1.0]);
    }

    /// The slope of `Σ λ|b| + Σ s b² / 2` along the direction is 0.
    #[test]
    fn squares_are_counted() {
        let found = settled([8.0, 1.0, 2.0], [1.0; 3], 0.5, Sign::Any);
        assert_close(&found, &[16.0 / 3.0, -5.0 / 3.0, -2.0 / 3.0], 1e-14);
        let found = settled([8.0, 1.0, -7.0], [1.0, 0.1, 1.0], 0.5, Sign::Any);
        let slope = |b: &[f64]| {
            b[0].signum()
                + 0.2 * b[1].signum()
                + 0.5 * b[2].signum()
                + 0.5 * (b[0] + 0.1 * b[1] + b[2])
        };
        assert_close(&[slope(&found)], &[0.0], 1e-14);
    }
}
