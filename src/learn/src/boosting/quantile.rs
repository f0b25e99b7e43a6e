//! Quantiles of weighted values.

/// The quantile `q` of the values, each as often as it weighs, with a line between neighbours
/// (numpy's `percentile`). Where some weight is no whole number: the least value up to which the
/// share `q` of the weight lies, or the midpoint to the next where the share ends there.
/// Both are the median for `q` of one half. The weights are above 0.
pub(super) fn quantile(pairs: &mut [(f64, f64)], q: f64) -> f64 {
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = pairs.iter().map(|pair| pair.1).sum();
    if pairs.iter().all(|pair| pair.1.fract() == 0.0) {
        return between(pairs, q * (total - 1.0));
    }
    let wanted = q * total;
    let mut passed = 0.0;
    for (place, (value, weight)) in pairs.iter().enumerate() {
        passed += weight;
        if passed < wanted {
            continue;
        }
        return match pairs.get(place + 1) {
            Some((next, _)) if passed == wanted => value / 2.0 + next / 2.0,
            _ => *value,
        };
    }
    pairs.last().map_or(0.0, |pair| pair.0)
}

/// The value at a place, from 0, among sorted values that stand there as often as they weigh.
fn between(pairs: &[(f64, f64)], place: f64) -> f64 {
    let mut passed = 0.0;
    for (at, (value, weight)) in pairs.iter().enumerate() {
        passed += weight;
        if place >= passed {
            continue;
        }
        // The last of the equal values stands at `passed - 1`.
        let share = (place - (passed - 1.0)).max(0.0);
        return match pairs.get(at + 1) {
            Some((next, _)) if share > 0.0 => value * (1.0 - share) + next * share,
            _ => *value,
        };
    }
    pairs.last().map_or(0.0, |pair| pair.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_repeated_values() {
        let mut weighted = vec![(3.0, 2.0), (1.0, 1.0), (7.0, 3.0)];
        let mut repeated: Vec<(f64, f64)> =
            [1.0, 3.0, 3.0, 7.0, 7.0, 7.0].iter().map(|value| (*value, 1.0)).collect();
        for q in [0.1, 0.25, 0.5, 0.6, 0.99] {
            assert_eq!(quantile(&mut weighted, q), quantile(&mut repeated, q), "{q}");
        }
        assert_eq!(quantile(&mut repeated, 0.5), 5.0);
        assert_eq!(quantile(&mut [], 0.5), 0.0);
        let mut halves = vec![(3.0, 1.0), (1.0, 0.5), (7.0, 1.5)];
        assert_eq!(quantile(&mut halves, 0.5), 5.0);
        assert_eq!(quantile(&mut halves, 0.4), 3.0);
    }

    // numpy 2.3, np.percentile([1, 2, 4, 8, 16], [0, 10, 80, 95, 100]).
    #[test]
    fn a_line_leads_from_value_to_value() {
        let mut values: Vec<(f64, f64)> =
            [8.0, 1.0, 16.0, 4.0, 2.0].iter().map(|value| (*value, 1.0)).collect();
        for (q, expected) in [(0.0, 1.0), (0.1, 1.4), (0.8, 9.6), (0.95, 14.4), (1.0, 16.0)] {
            let found = quantile(&mut values, q);
            assert!((found - expected).abs() < 1e-12, "{q}: {found}");
        }
    }
}
