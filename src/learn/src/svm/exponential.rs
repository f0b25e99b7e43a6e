//! The exponential of numbers that are not positive, in a form that compilers turn into vector
//! instructions.

/// Below this the exponential is no normal number any more; it stands for everything further down.
const LEAST: f64 = -708.0;

/// Adding it rounds to a whole number, which then stands in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// `1 / k!` from `k = 13` down to 2.
const TAYLOR: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
];

/// `exp(x)` for `x` up to 0 within two units in the last place; below -708, `exp(-708)`.
///
/// `x = k ln 2 + r` with `|r| <= ln 2 / 2`, where thirteen terms of Taylor's series are exact to
/// 2⁻⁵⁷.
#[inline(always)]
pub(super) fn of_negative(x: f64) -> f64 {
    let x = if x > LEAST { x } else { LEAST };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let rest = (x - whole * LN_2_HIGH) - whole * LN_2_LOW;
    let mut series = TAYLOR[0];
    for term in &TAYLOR[1..] {
        series = series * rest + term;
    }
    let mantissa = 1.0 + (rest + rest * rest * series);
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    mantissa * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Generator;

    #[test]
    fn agrees_with_the_standard_library() {
        let mut generator = Generator::new(3);
        for scale in [1e-9, 1e-3, 1.0, 30.0, 708.0] {
            for _ in 0..2000 {
                let x = -scale * generator.unit();
                let (found, expected) = (of_negative(x), x.exp());
                assert!((found - expected).abs() <= 4.5e-16 * expected, "{x}: {found} {expected}");
            }
        }
        assert_eq!(of_negative(0.0), 1.0);
        assert_eq!(of_negative(-0.0), 1.0);
    }

    #[test]
    fn stays_a_number_however_far_out() {
        for x in [-708.5, -1e6, -1e300, f64::NEG_INFINITY] {
            let found = of_negative(x);
            assert!(found > 0.0 && found < 1e-307, "{x}: {found}");
        }
    }
}
