//! Parameters along which the curvature of the objective is asked for.

/// Some parameters in rising order, and the same by head.
pub(super) struct Subset {
    pub(super) parameters: Vec<usize>,
    /// The columns of each head.
    pub(super) columns: Vec<Vec<usize>>,
}

impl Subset {
    pub(super) fn len(&self) -> usize {
        self.parameters.len()
    }

    /// The symmetric matrix of which the products of each pair of heads stand one after the other.
    pub(super) fn assembled(&self, tiles: &[f64]) -> Vec<f64> {
        let order = self.len();
        let mut matrix = vec![0.0; order * order];
        let mut tiles = tiles.iter();
        let mut top = 0;
        for (head, own) in self.columns.iter().enumerate() {
            let mut left = 0;
            for with in &self.columns[..=head] {
                for i in top..top + own.len() {
                    for (j, value) in (left..left + with.len()).zip(&mut tiles) {
                        matrix[i * order + j] = *value;
                        matrix[j * order + i] = *value;
                    }
                }
                left += with.len();
            }
            top += own.len();
        }
        matrix
    }
}
