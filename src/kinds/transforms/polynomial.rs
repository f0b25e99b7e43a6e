//! Powers and products of columns.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Apply, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, Values};
use crate::diagnostic::{Code, Problem, counted};

/// More bytes than this in new columns are refused before they are taken.
const LIMIT: u128 = 4 << 30;

/// Adds the powers and products of the columns up to a degree, so that a linear model can follow
/// curves and interactions.
///
/// With degree 2 the columns `a` and `b` are joined by `a^2`, `a b` and `b^2`; with
/// `interaction_only` by `a b` alone. The names and their order are scikit-learn's; the new columns
/// stand behind the last of the picked ones.
///
/// Nothing is learned from the training rows. The products of a constant column are copies of other
/// columns, scaled. Products of huge numbers that leave the range of f64 become infinite, which is
/// refused before the model. **A product with a missing factor is missing; scikit-learn refuses it.
/// There is no column of ones (`include_bias`): models have an intercept of their own.**
///
/// ```yaml
/// prepare:
///   - impute
///   - polynomial: { degree: 2, interaction_only: true, columns: [bill_length_mm, bill_depth_mm] }
///   - standardize
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Polynomial {
    /// The columns to multiply, by name or glob. Default: all that hold numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["height", "width"])]
    pub columns: Option<ColumnSelector>,
    /// How many factors a product has at most.
    #[schemars(range(min = 2, max = 3))]
    pub degree: u32,
    /// Whether powers are left out, so that every product has different factors.
    pub interaction_only: bool,
}

impl Default for Polynomial {
    fn default() -> Self {
        Self { columns: None, degree: 2, interaction_only: false }
    }
}

/// The factors of each product, as positions among the picked columns.
struct Fitted(Vec<Vec<usize>>);

impl Transform for Polynomial {
    fn about(&self) -> About<'_> {
        let what =
            if self.interaction_only { "products of columns" } else { "powers and products" };
        About {
            columns: self.columns.as_ref(),
            suits: ColumnKind::is_number,
            makes: Makes::AndProducts,
            description: format!("{what} up to degree {}", self.degree),
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], _: &Training<'_>) -> Result<FittedStep, Problem> {
        let rows = columns.first().map_or(0, |column| column.len());
        let made = self.count(columns.len() as u128);
        let bytes = made.saturating_mul(rows as u128).saturating_mul(8);
        if bytes > LIMIT {
            let message = format!(
                "degree {} of {} makes {made} columns × {rows} rows, {:.0} GiB",
                self.degree,
                counted(columns.len(), "column"),
                bytes as f64 / f64::from(1 << 30)
            );
            return Err(Problem::of_kind(Code::Memory, message)
                .label("too large")
                .help("name the few `columns` to multiply, or lower `degree`"));
        }
        let products = self.products(columns.len());
        let summary = format!(
            "{} + {}",
            counted(columns.len(), "column"),
            counted(products.len(), "product")
        );
        Ok(FittedStep { apply: Box::new(Fitted(products)), summary })
    }
}

impl Polynomial {
    /// How many products there are of this many columns.
    fn count(&self, columns: u128) -> u128 {
        (2..=u128::from(self.degree))
            .map(|degree| {
                // Multisets of a size are sets of that size among more elements.
                let pool = if self.interaction_only { columns } else { columns + degree - 1 };
                if columns == 0 { 0 } else { choose(pool, degree) }
            })
            .sum()
    }

    /// The products in scikit-learn's order: by degree, then by their factors.
    fn products(&self, columns: usize) -> Vec<Vec<usize>> {
        let mut products: Vec<Vec<usize>> = Vec::new();
        let mut shorter: Vec<Vec<usize>> = (0..columns).map(|column| vec![column]).collect();
        for _ in 2..=self.degree {
            let mut longer = Vec::new();
            for product in &shorter {
                let last = product.last().copied().unwrap_or(0);
                for next in last + usize::from(self.interaction_only)..columns {
                    let mut product = product.clone();
                    product.push(next);
                    longer.push(product);
                }
            }
            products.extend_from_slice(&longer);
            shorter = longer;
        }
        products
    }
}

fn choose(from: u128, count: u128) -> u128 {
    if count > from {
        return 0;
    }
    (0..count).fold(1, |made, at| made * (from - at) / (at + 1))
}

/// `a^2 b` for twice `a` and once `b`.
fn name(columns: &[Column], factors: &[usize]) -> Arc<str> {
    let parts: Vec<String> = factors
        .chunk_by(|a, b| a == b)
        .map(|same| match same.len() {
            1 => columns[same[0]].name.to_string(),
            power => format!("{}^{power}", columns[same[0]].name),
        })
        .collect();
    parts.join(" ").into()
}

impl Apply for Fitted {
    fn apply(self: Box<Self>, columns: Vec<Column>) -> Vec<Vec<Column>> {
        let rows = columns.first().map_or(0, Column::len);
        let mut products = Vec::with_capacity(self.0.len());
        for factors in &self.0 {
            let mut values = vec![1.0; rows];
            for factor in factors {
                if let Values::Number(numbers) = &columns[*factor].values {
                    values.iter_mut().zip(numbers).for_each(|(value, number)| *value *= number);
                }
            }
            products.push(Column::number(name(&columns, factors), values));
        }
        let mut made: Vec<Vec<Column>> = columns.into_iter().map(|column| vec![column]).collect();
        if let Some(last) = made.last_mut() {
            last.extend(products);
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers::transformed;
    use super::*;

    fn names(made: &[(String, Vec<f64>)]) -> Vec<&str> {
        made.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Names and values of `PolynomialFeatures(degree=3, include_bias=False)`.
    #[test]
    fn powers_and_products_in_order() {
        let step = Polynomial { degree: 3, ..Polynomial::default() };
        let made = transformed(&step, &[&[2.0], &[3.0]], 1);
        assert_eq!(names(&made), ["a", "b", "a^2", "a b", "b^2", "a^3", "a^2 b", "a b^2", "b^3"]);
        let values: Vec<f64> = made.iter().map(|(_, values)| values[0]).collect();
        assert_eq!(values, [2.0, 3.0, 4.0, 6.0, 9.0, 8.0, 12.0, 18.0, 27.0]);
    }

    /// Names and values of `PolynomialFeatures(degree=3, interaction_only=True,
    /// include_bias=False)`.
    #[test]
    fn interactions_have_different_factors() {
        let step = Polynomial { degree: 3, interaction_only: true, columns: None };
        let made = transformed(&step, &[&[2.0], &[3.0], &[5.0]], 1);
        assert_eq!(names(&made), ["a", "b", "c", "a b", "a c", "b c", "a b c"]);
        let values: Vec<f64> = made.iter().map(|(_, values)| values[0]).collect();
        assert_eq!(values, [2.0, 3.0, 5.0, 6.0, 10.0, 15.0, 30.0]);
    }

    #[test]
    fn gaps_go_on_and_nothing_makes_nothing() {
        let made = transformed(&Polynomial::default(), &[&[f64::NAN, 2.0], &[3.0, 3.0]], 2);
        assert!(made[3].1[0].is_nan() && made[3].1[1] == 6.0 && made[4].1 == [9.0, 9.0]);
        assert!(transformed(&Polynomial::default(), &[], 0).is_empty());
    }

    #[test]
    fn the_count_is_known_before_the_memory_is_taken() {
        for (degree, interaction_only) in [(2, false), (2, true), (3, false), (3, true)] {
            let step = Polynomial { degree, interaction_only, columns: None };
            for columns in 0..6 {
                assert_eq!(step.count(columns as u128), step.products(columns).len() as u128);
            }
        }
        let column = Column::number("x", vec![0.0; 100]);
        let step = Polynomial { degree: 3, ..Polynomial::default() };
        let problem =
            step.fit(&vec![&column; 1000], &Training::unlabelled(100)).map(|_| ()).unwrap_err();
        assert_eq!(problem.code, Code::Memory);
        assert!(problem.message.contains("167667500 columns"), "{}", problem.message);
    }
}
