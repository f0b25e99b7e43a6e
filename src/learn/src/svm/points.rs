//! Rows in panels of [`LANES`], so that one row meets several others in one vector operation.

use ndarray::ArrayView2;

/// Rows of a panel.
pub(super) const LANES: usize = 8;

/// Numbers that stay in the second cache.
const NEAR: usize = 1 << 14;

/// Rows of a table: in each panel the values of the first column, then those of the second, …
/// The last panel is filled up with zeros.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Points {
    panels: Vec<f64>,
    rows: usize,
    columns: usize,
}

impl Points {
    /// The rows of `x` that `picked` names, divided by `scale`.
    pub(super) fn gather(x: ArrayView2<'_, f64>, picked: &[u32], scale: f64) -> Self {
        let (rows, columns) = (picked.len(), x.ncols());
        let mut panels = vec![0.0; rows.div_ceil(LANES) * LANES * columns];
        let inverse = 1.0 / scale;
        for (j, column) in x.columns().into_iter().enumerate() {
            for (position, &row) in picked.iter().enumerate() {
                let (panel, lane) = (position / LANES, position % LANES);
                panels[(panel * columns + j) * LANES + lane] = column[row as usize] * inverse;
            }
        }
        Self { panels, rows, columns }
    }

    /// The points at these positions, in this order.
    pub(super) fn pick(&self, positions: &[u32]) -> Self {
        let columns = self.columns;
        let mut panels = vec![0.0; positions.len().div_ceil(LANES) * LANES * columns];
        for (to, &from) in positions.iter().enumerate() {
            let (panel, lane) = (to / LANES, to % LANES);
            let (old_panel, old_lane) = (from as usize / LANES, from as usize % LANES);
            for j in 0..columns {
                panels[(panel * columns + j) * LANES + lane] =
                    self.panels[(old_panel * columns + j) * LANES + old_lane];
            }
        }
        Self { panels, rows: positions.len(), columns }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// How many points stay near while several rows are compared with them: whole panels.
    pub(super) fn near(&self) -> usize {
        (NEAR / self.columns.max(1)).next_multiple_of(LANES).max(LANES)
    }

    /// The panels from `first` on, each with its columns.
    pub(super) fn panel(&self, index: usize) -> &[[f64; LANES]] {
        let start = index * self.columns * LANES;
        self.panels[start..start + self.columns * LANES].as_chunks().0
    }

    /// The values of one point.
    pub(super) fn point(&self, position: usize, values: &mut Vec<f64>) {
        let lane = position % LANES;
        values.clear();
        values.extend(self.panel(position / LANES).iter().map(|column| column[lane]));
    }
}
