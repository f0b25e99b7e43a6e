//! OPTICS: an order of the rows in which those of a cluster are beside each other, whatever its density.

mod order;
#[cfg(test)]
mod tests;
mod valleys;

use ndarray::ArrayView2;

pub use self::order::Order;
use crate::control::of_rows;
use crate::input::Columns;
use crate::neighbors::Metric;
use crate::{Clusters, Control, Error};

/// What in the order is a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClusterMethod {
    /// A valley of the reachability between steep sides; of nested ones the innermost.
    #[default]
    Xi,
    /// Rows in a row whose reachability is within one distance, as DBSCAN would find.
    Dbscan,
}

parameters! {
    /// Orders rows by reachability (Ankerst, Breunig, Kriegel and Sander, 1999) and takes clusters from the
    /// order, as scikit-learn does.
    Optics => CheckedOptics {
        /// The rows around one of a core, that row among them, at least 2. The default is 5.
        min_samples: usize = 5,
        /// How near neighbours are at most, from 0. The default is any distance.
        max_eps: f64 = f64::INFINITY,
        /// What is near. The default is the Euclidean distance.
        metric: Metric = Metric::Euclidean,
        /// What is a cluster. The default is a valley.
        cluster_method: ClusterMethod = ClusterMethod::Xi,
        /// The distance of [`ClusterMethod::Dbscan`], from 0 to `max_eps`. The default is `max_eps`.
        eps: Option<f64> = None,
        /// By which share the reachability falls or rises at a steep place, above 0 and below 1. The default
        /// is 0.05.
        xi: f64 = 0.05,
        /// Whether rows at the end of a valley that were reached from outside are left out. The default
        /// is to leave them out.
        predecessor_correction: bool = true,
        /// The fewest rows of a valley, at least 2. The default is `min_samples`.
        min_cluster_size: Option<usize> = None,
    }
}

impl CheckedOptics {
    fn validate(&self) -> Result<(), Error> {
        let size = self.min_cluster_size.unwrap_or(self.min_samples);
        for (name, value) in [("min_samples", self.min_samples), ("min_cluster_size", size)] {
            if value < 2 {
                return Err(Error::parameter(name, format!("is {value}, not at least 2")));
            }
        }
        for (name, value) in [("max_eps", self.max_eps), ("eps", self.eps.unwrap_or(0.0))] {
            if value.is_nan() || value < 0.0 {
                return Err(Error::parameter(name, format!("is {value}, not a number from 0")));
            }
        }
        if self.eps.is_some_and(|eps| eps > self.max_eps) {
            return Err(Error::parameter("eps", "is larger than `max_eps`"));
        }
        if !(self.xi > 0.0 && self.xi < 1.0) {
            return Err(Error::parameter(
                "xi",
                format!("is {}, not a number above 0 and below 1", self.xi),
            ));
        }
        Ok(())
    }

    /// Orders the rows of `x` (rows × columns).
    ///
    /// # Errors
    /// On values that are not finite, weights, fewer rows than `min_samples`, and when stopped.
    pub fn order_rows(
        &self,
        x: ArrayView2<'_, f64>,
        control: &Control<'_>,
    ) -> Result<Order, Error> {
        let table = Columns::new(x)?;
        if control.weights.is_some() {
            return Err(Error::Weights("OPTICS takes no weights".into()));
        }
        let size = self.min_cluster_size.unwrap_or(0);
        for (name, value) in [("min_samples", self.min_samples), ("min_cluster_size", size)] {
            if value > table.rows() {
                let message = format!("is {value}, more than {}", of_rows(table.rows()));
                return Err(Error::parameter(name, message));
            }
        }
        Order::of(x, &table, self, control)
    }

    /// Groups the rows of `x` (rows × columns).
    ///
    /// # Errors
    /// As [`order_rows`](Self::order_rows).
    pub fn label_rows(
        &self,
        x: ArrayView2<'_, f64>,
        control: &Control<'_>,
    ) -> Result<Clusters, Error> {
        let order = self.order_rows(x, control)?;
        let labels = match self.cluster_method {
            ClusterMethod::Xi => valleys::labels(&order, self),
            ClusterMethod::Dbscan => order.cut(self.eps.unwrap_or(self.max_eps)),
        };
        let count = labels.iter().flatten().max().map_or(0, |largest| *largest as usize + 1);
        Ok(Clusters::numbered(&labels, count))
    }
}
