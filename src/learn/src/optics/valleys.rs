//! Turns an order into clusters: the valleys of its reachability between steep sides (section 4.3 of the
//! paper, with scikit-learn's corrections).

use super::{CheckedOptics, Order};

/// The reachability along the order, and which places are steep.
struct Profile {
    /// One more than places: an infinite wall behind the last.
    heights: Vec<f64>,
    slopes: Vec<Slope>,
}

/// How the reachability goes on from a place.
#[derive(Clone, Copy, PartialEq)]
enum Slope {
    SteepDown,
    Down,
    Level,
    Up,
    SteepUp,
}

/// A side of a valley that falls steeply.
struct Side {
    start: usize,
    end: usize,
    /// The largest reachability since its end.
    between: f64,
}

/// The cluster of each row; none for those in no valley. Inner valleys come first.
pub(super) fn labels(order: &Order, settings: &CheckedOptics) -> Vec<Option<u32>> {
    let mut labels = vec![None; order.rows.len()];
    let mut next = 0;
    for (start, end) in valleys(order, settings) {
        let rows = &order.rows[start..=end];
        if rows.iter().all(|row| labels[*row as usize].is_none()) {
            for row in rows {
                labels[*row as usize] = Some(next);
            }
            next += 1;
        }
    }
    labels
}

impl Profile {
    fn new(order: &Order, falls_to: f64) -> Self {
        let mut heights: Vec<f64> =
            order.rows.iter().map(|row| order.reachability[*row as usize]).collect();
        heights.push(f64::INFINITY);
        let slopes = heights
            .windows(2)
            .map(|pair| {
                // Not a number between two walls or two zeros, which is level.
                let ratio = pair[0] / pair[1];
                if ratio <= falls_to {
                    Slope::SteepUp
                } else if ratio >= 1.0 / falls_to {
                    Slope::SteepDown
                } else if ratio < 1.0 {
                    Slope::Up
                } else if ratio > 1.0 {
                    Slope::Down
                } else {
                    Slope::Level
                }
            })
            .collect();
        Self { heights, slopes }
    }

    /// The last steep place of the side that starts at `start`. It may be interrupted by places that are not
    /// steep, at most `most` in a row, but not by one that goes the other way.
    fn side(&self, start: usize, most: usize) -> usize {
        let steep = self.slopes[start];
        let back = |slope: Slope| match steep {
            Slope::SteepDown | Slope::Down => matches!(slope, Slope::Up | Slope::SteepUp),
            Slope::SteepUp | Slope::Up | Slope::Level => {
                matches!(slope, Slope::Down | Slope::SteepDown)
            }
        };
        let (mut end, mut others) = (start, 0);
        for (place, slope) in self.slopes.iter().enumerate().skip(start) {
            if *slope == steep {
                (end, others) = (place, 0);
            } else if back(*slope) {
                break;
            } else {
                others += 1;
                if others > most {
                    break;
                }
            }
        }
        end
    }
}

/// First and last places of the valleys, inner ones before those around them.
fn valleys(order: &Order, settings: &CheckedOptics) -> Vec<(usize, usize)> {
    let falls_to = 1.0 - settings.xi;
    let least = settings.min_cluster_size.unwrap_or(settings.min_samples);
    let profile = Profile::new(order, falls_to);
    let heights = &profile.heights;
    let mut places = vec![0; order.rows.len()];
    for (place, row) in order.rows.iter().enumerate() {
        places[*row as usize] = place;
    }
    let mut sides: Vec<Side> = Vec::new();
    let mut found = Vec::new();
    let (mut place, mut between) = (0, 0.0_f64);
    for start in 0..profile.slopes.len() {
        let falls = match profile.slopes[start] {
            Slope::SteepDown => true,
            Slope::SteepUp => false,
            Slope::Down | Slope::Level | Slope::Up => continue,
        };
        if start < place {
            continue;
        }
        between = heights[place..=start].iter().copied().fold(between, f64::max);
        sides.retain(|side| between.is_finite() && between <= heights[side.start] * falls_to);
        for side in &mut sides {
            side.between = side.between.max(between);
        }
        let end = profile.side(start, settings.min_samples);
        place = end + 1;
        between = heights[place];
        if falls {
            sides.push(Side { start, end, between: 0.0 });
            continue;
        }
        let wall = heights[end + 1];
        // Sides that began last are those of inner valleys.
        for side in sides.iter().rev().filter(|side| wall * falls_to >= side.between) {
            let (mut first, mut last) = (side.start, end);
            let height = heights[side.start];
            if height * falls_to >= wall {
                while first < side.end && heights[first + 1] > wall {
                    first += 1;
                }
            } else if wall * falls_to >= height {
                while last > start && heights[last - 1] > height {
                    last -= 1;
                }
            }
            if settings.predecessor_correction {
                // Rows at the end that were reached from before the valley do not belong to it.
                let inside = |last: usize| {
                    let predecessor = order.predecessors[order.rows[last] as usize];
                    let predecessor = predecessor.map(|row| places[row as usize]);
                    heights[first] > heights[last]
                        || predecessor.is_some_and(|place| (first..last).contains(&place))
                };
                while first < last && !inside(last) {
                    last -= 1;
                }
                if first >= last {
                    continue;
                }
            }
            if last + 1 >= first + least && first <= side.end && last >= start {
                found.push((first, last));
            }
        }
    }
    found
}
