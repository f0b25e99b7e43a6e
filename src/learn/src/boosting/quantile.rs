//! Quantiles of weighted values.

/// The least value up to which the share `q` of the weight lies, or the midpoint to the next
/// where the share ends there; for `q` of one half the median. The weights are above 0.
pub(super) fn quantile(pairs: &mut [(f64, f64)], q: f64) -> f64 {
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = pairs.iter().map(|pair| pair.1).sum();
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
    }
}
