//! Turns the values of a first run into bounds with room: what other rows alone may cost, or a tenth
//! of the way back to a model that ignores the features.

use super::goal::Goal;
use super::model::{Scale, Wanted};

/// What the first run came to in one metric.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    pub value: f64,
    /// The value of a model that ignores the features, where the metric has one.
    pub dummy: Option<f64>,
    /// The judged rows.
    pub rows: usize,
}

/// A bound for each metric.
#[derive(Clone, Debug)]
pub struct Bounds {
    pub each: Vec<Bound>,
    pub rows: usize,
}

/// One bound.
#[derive(Clone, Debug)]
pub struct Bound {
    /// As YAML.
    pub written: String,
    /// The value that it was set from, with that of the dummy.
    pub from: String,
}

/// The room below a share that is nearly 1, where its error is nearly 0.
const LEAST_ROOM: f64 = 0.02;

/// The bounds for the metrics; or the lead that is too small to have been learned.
///
/// # Errors
/// In words, why the first of them says that nothing was learned.
pub fn bounds(wanted: &[Wanted], measured: &[Measured], goal: &Goal) -> Result<Bounds, String> {
    let mut each = Vec::new();
    for (at, (wanted, measured)) in wanted.iter().zip(measured).enumerate() {
        if at == 0 {
            check_lead(wanted, measured, goal)?;
        }
        each.push(bound(wanted, measured, goal, at == 0));
    }
    Ok(Bounds { each, rows: measured.first().map_or(0, |measured| measured.rows) })
}

fn check_lead(wanted: &Wanted, measured: &Measured, goal: &Goal) -> Result<(), String> {
    let Some(dummy) = measured.dummy else { return Ok(()) };
    let lead = match wanted.scale {
        Scale::Loss => dummy - measured.value,
        Scale::Share | Scale::ShareByClass => measured.value - dummy,
        // Below zero a constant does better, if not the one that the dummy took.
        Scale::Gain => measured.value - dummy.max(0.0),
    };
    let chance = match wanted.scale {
        Scale::Share | Scale::ShareByClass => 2.0 * error(dummy, wanted, measured, goal),
        // A correlation below 2/√n is not told from chance; r2 is its square.
        Scale::Gain => 4.0 / measured.rows.max(1) as f64,
        Scale::Loss => 0.0,
    };
    if lead > chance {
        return Ok(());
    }
    Err(format!(
        "{} {}, and {} by a model that ignores the features",
        wanted.name,
        told(measured.value),
        told(dummy)
    ))
}

/// The standard error of a share on so many rows.
fn error(share: f64, wanted: &Wanted, measured: &Measured, goal: &Goal) -> f64 {
    let rarest = goal.classes.iter().map(|(_, rows)| *rows).min().unwrap_or(goal.rows);
    let part = measured.rows as f64 / goal.rows.max(1) as f64;
    let rows = match wanted.scale {
        Scale::ShareByClass => rarest as f64 * goal.classes.len().max(1) as f64 * part,
        Scale::Share | Scale::Gain | Scale::Loss => measured.rows as f64,
    };
    let share = share.clamp(0.0, 1.0);
    (share * (1.0 - share) / rows.max(1.0)).sqrt()
}

fn bound(wanted: &Wanted, measured: &Measured, goal: &Goal, leads: bool) -> Bound {
    let Measured { value, dummy, .. } = *measured;
    let (key, written) = match wanted.scale {
        Scale::Share | Scale::ShareByClass => {
            let room = (2.0 * error(value, wanted, measured, goal)).max(LEAST_ROOM);
            let least = value - room;
            let floor = dummy.unwrap_or(0.0);
            // With few rows the room is wide: half of the lead stays in any case.
            let least = if least <= floor { (value + floor) / 2.0 } else { least };
            ("min", above(least, floor))
        }
        Scale::Gain => {
            let way = dummy.map_or(value.abs(), |dummy| value - dummy);
            let least = value - way.abs() / 10.0;
            ("min", above(least, dummy.unwrap_or(f64::NEG_INFINITY)))
        }
        Scale::Loss => {
            let way = dummy.map_or(value.abs(), |dummy| dummy - value);
            let most = value + way.abs() / 10.0;
            let rounded = rounded(most, 3, Way::Up);
            (
                "max",
                if dummy.is_some_and(|dummy| rounded >= dummy) {
                    plain(most)
                } else {
                    plain(rounded)
                },
            )
        }
    };
    let told = |value: f64| match wanted.scale {
        Scale::Loss => told(value),
        // What is a share of something has no more digits than these.
        Scale::Share | Scale::ShareByClass | Scale::Gain => plain((value * 1e4).round() / 1e4),
    };
    let lead = dummy.map(|dummy| (value - dummy).abs() / 2.0).filter(|_| leads);
    let lead = lead.map(|lead| rounded(lead, 2, Way::Down)).filter(|lead| *lead > 0.0);
    let over = lead.map_or_else(String::new, |lead| format!(", over_dummy: {}", plain(lead)));
    let dummy = match dummy {
        Some(dummy) => format!("; {} without the features", told(dummy)),
        None => String::new(),
    };
    Bound {
        written: format!("{{ {key}: {written}{over} }}"),
        from: format!("{} at first{dummy}", told(value)),
    }
}

/// A lower bound to two decimals, or to as many as keep it above the dummy.
fn above(least: f64, dummy: f64) -> String {
    for decimals in 2..=6 {
        let scale = 10_f64.powi(decimals);
        let cut = (least * scale).floor() / scale;
        if cut > dummy && cut != 0.0 {
            return plain(cut);
        }
    }
    plain(least)
}

#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

/// A number with so many digits that count.
fn rounded(value: f64, digits: i32, way: Way) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10_f64.powi(digits - 1 - value.abs().log10().floor() as i32);
    let scaled = value * scale;
    let whole = match way {
        Way::Up => scaled.ceil(),
        Way::Down => scaled.floor(),
    };
    let rounded = whole / scale;
    if rounded.is_finite() { rounded } else { value }
}

/// A number as YAML reads it, without the digits that binary fractions add.
fn plain(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-5..1e15).contains(&magnitude) {
        return format!("{value:e}");
    }
    let text = format!("{value:.9}");
    match text.trim_end_matches('0').trim_end_matches('.') {
        "" | "-" | "-0" | "0" => "0".to_owned(),
        short => short.to_owned(),
    }
}

/// A number for a comment: four digits that count.
pub(super) fn told(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e7).contains(&magnitude) {
        format!("{value:.2e}")
    } else {
        let decimals = usize::try_from(3 - magnitude.log10().floor() as i32).unwrap_or(0);
        let text = format!("{value:.decimals$}");
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_on_the_right_side() {
        assert_eq!(plain(rounded(2.3449, 3, Way::Up)), "2.35");
        assert_eq!(plain(rounded(41_234.7, 3, Way::Up)), "41300");
        assert_eq!(plain(rounded(0.000_123_4, 2, Way::Down)), "0.00012");
        assert_eq!(above(0.9479, 0.4), "0.94");
        assert_eq!(above(0.5043, 0.5001), "0.504");
        assert_eq!(above(-0.021, -0.2), "-0.03");
        assert_eq!(plain(1e-9), "1e-9");
        assert_eq!(
            (told(0.976_74), told(1234.567), told(12.0), told(3.1e-8)),
            ("0.9767".into(), "1235".into(), "12".into(), "3.10e-8".into())
        );
    }
}
