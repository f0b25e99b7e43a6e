//! Products of standardized columns with each other, of which at least one follows from codes: from
//! how often codes meet.

use rayon::prelude::*;

use super::{Mixed, Standard};
use crate::features::Features;
use crate::products::Fill;
use crate::{Control, Error, rows};

/// Columns of one block, by their place in a list of columns.
struct Group<'a> {
    block: usize,
    columns: Vec<(usize, &'a Standard)>,
}

/// What is worked out at a time.
enum Task {
    /// A column that is at hand with all columns of codes.
    Held(usize),
    /// A group of the left columns with one of the right.
    Groups(usize, usize),
}

/// The weight of all rows, and that of each code.
struct Totals {
    all: f64,
    codes: Vec<f64>,
}

impl Mixed<'_> {
    /// Writes the products of `left` with `right` columns, row by row, but for those of two columns that
    /// are at hand. `fill` writes such a column, times the weights.
    pub(crate) fn add_pairs(
        &self,
        (left, right): (&[usize], &[usize]),
        weights: Option<&[f64]>,
        fill: &impl Fill,
        control: &Control<'_>,
        out: &mut [f64],
    ) -> Result<(), Error> {
        let is_symmetric = left == right;
        let (groups, with) = (self.groups(left), self.groups(right));
        let totals = Totals {
            all: weights.map_or(self.features.rows() as f64, |weights| weights.iter().sum()),
            codes: self.features.totals(weights),
        };
        let mut held: Vec<usize> = left.iter().chain(right).copied().collect();
        held.retain(|column| self.indicator(*column).is_none());
        held.sort_unstable();
        held.dedup();
        let pairs = (0..groups.len()).flat_map(|i| (0..with.len()).map(move |j| (i, j)));
        let pairs = pairs.filter(|(i, j)| !is_symmetric || j <= i);
        let tasks: Vec<Task> = pairs
            .map(|(i, j)| Task::Groups(i, j))
            .chain(held.into_iter().map(Task::Held))
            .collect();
        let found: Vec<Vec<f64>> = tasks
            .par_iter()
            .filter(|_| !(control.stop)())
            .map(|task| match *task {
                Task::Held(column) => self.with_codes(column, fill),
                Task::Groups(i, j) => self.met(&groups[i], &with[j], weights, &totals),
            })
            .collect();
        control.poll()?;
        let width = right.len();
        for (task, found) in tasks.iter().zip(found) {
            match *task {
                Task::Held(column) => {
                    let places = |columns: &[usize]| -> Vec<usize> {
                        let own = |(place, of): (usize, &usize)| (*of == column).then_some(place);
                        columns.iter().enumerate().filter_map(own).collect()
                    };
                    for i in places(left) {
                        let others = with.iter().flat_map(|group| &group.columns);
                        others.for_each(|(j, other)| out[i * width + j] = found[other.column]);
                    }
                    for j in places(right) {
                        let others = groups.iter().flat_map(|group| &group.columns);
                        others.for_each(|(i, other)| out[i * width + j] = found[other.column]);
                    }
                }
                Task::Groups(a, b) => {
                    let others = &with[b].columns;
                    for ((i, _), found) in groups[a].columns.iter().zip(found.chunks(others.len()))
                    {
                        for ((j, _), value) in others.iter().zip(found) {
                            out[i * width + j] = *value;
                            if is_symmetric {
                                out[j * width + i] = *value;
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn groups(&self, columns: &[usize]) -> Vec<Group<'_>> {
        let standards = columns.iter().enumerate();
        let mut standards: Vec<(usize, &Standard)> = standards
            .filter_map(|(place, column)| self.indicator(*column).map(|standard| (place, standard)))
            .collect();
        standards.sort_by_key(|(place, standard)| (standard.block, *place));
        let group = |columns: &[(usize, &'_ Standard)]| columns[0].1.block;
        standards
            .chunk_by(|one, other| one.1.block == other.1.block)
            .map(|columns| Group { block: group(columns), columns: columns.to_vec() })
            .collect()
    }

    /// Products of one column that is at hand with all columns of codes, at their places.
    fn with_codes(&self, column: usize, fill: &impl Fill) -> Vec<f64> {
        let mut sums = vec![0.0; self.sums()];
        let mut values = [0.0; rows::BLOCK];
        for range in rows::blocks(0..self.features.rows()) {
            let values = &mut values[..range.len()];
            fill(column, range.clone(), values);
            self.gather(values, &range, &mut sums);
        }
        let mut products = vec![0.0; self.places.len()];
        self.add_products(&sums, &mut products);
        products
    }

    /// Products of the columns of two groups, row by row.
    fn met(
        &self,
        left: &Group<'_>,
        right: &Group<'_>,
        weights: Option<&[f64]>,
        totals: &Totals,
    ) -> Vec<f64> {
        let mut out = if left.block == right.block {
            let own = |a: &Standard| {
                let both = |(_, b): &(usize, &Standard)| {
                    if a.code == b.code { totals.codes[a.place] } else { 0.0 }
                };
                right.columns.iter().map(both).collect::<Vec<f64>>()
            };
            left.columns.iter().flat_map(|(_, a)| own(a)).collect()
        } else {
            counted(self.features, left, right, weights)
        };
        // What a column of the right adds to every row, and to the rows of one code.
        let parts: Vec<[f64; 3]> = right
            .columns
            .iter()
            .map(|(_, b)| [b.off * totals.all + b.step * totals.codes[b.place], b.off, b.step])
            .collect();
        for ((_, a), out) in left.columns.iter().zip(out.chunks_mut(parts.len())) {
            let total = a.step * totals.codes[a.place];
            for (value, [sum, off, step]) in out.iter_mut().zip(&parts) {
                *value = a.off * sum + (total * off + a.step * step * *value);
            }
        }
        out
    }
}

/// The weight of the rows in which the columns of two groups are on, row by row.
fn counted(
    features: &Features<'_>,
    left: &Group<'_>,
    right: &Group<'_>,
    weights: Option<&[f64]>,
) -> Vec<f64> {
    let (of, with) = (Order::new(features, left), Order::new(features, right));
    let width = with.length;
    let mut sums = vec![0.0; of.length * width];
    let codes = features.block(left.block).iter().zip(features.block(right.block));
    let place = |(code, other): (&u32, &u32)| {
        of.codes[*code as usize] as usize * width + with.codes[*other as usize] as usize
    };
    match weights {
        None => codes.for_each(|codes| sums[place(codes)] += 1.0),
        Some(weights) => {
            codes.zip(weights).for_each(|(codes, weight)| sums[place(codes)] += weight);
        }
    }
    let columns = right.columns.iter().map(|(_, standard)| with.codes[standard.code] as usize);
    let columns: Vec<usize> = columns.collect();
    let row = |(_, standard): &(usize, &Standard)| {
        &sums[of.codes[standard.code] as usize * width..][..width]
    };
    left.columns.iter().map(row).flat_map(|row| columns.iter().map(|j| row[*j])).collect()
}

/// The codes of a group one after the other; the first place is that of codes without a column.
struct Order {
    codes: Vec<u32>,
    length: usize,
}

impl Order {
    fn new(features: &Features<'_>, group: &Group<'_>) -> Self {
        let (mut codes, mut length) = (vec![0; features.levels(group.block)], 1);
        for (_, standard) in &group.columns {
            let place = &mut codes[standard.code];
            if *place == 0 {
                *place = length;
                length += 1;
            }
        }
        Self { codes, length: length as usize }
    }
}
