//! What a method comes to that groups the rows it is given, and cannot tell of others.

/// The cluster of each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clusters {
    /// None for a row of noise. Numbers are in the order in which the clusters' first rows come.
    pub labels: Vec<Option<u32>>,
    /// How many clusters there are.
    pub count: usize,
}

impl Clusters {
    /// Renumbers labels below `count`.
    pub(crate) fn numbered(labels: &[Option<u32>], count: usize) -> Self {
        let mut numbers = vec![None; count];
        let mut next = 0;
        let labels = labels
            .iter()
            .map(|label| {
                label.map(|label| {
                    *numbers[label as usize].get_or_insert_with(|| {
                        next += 1;
                        next - 1
                    })
                })
            })
            .collect();
        Self { labels, count: next as usize }
    }

    /// How many rows belong to no cluster.
    #[must_use]
    pub fn noise(&self) -> usize {
        self.labels.iter().filter(|label| label.is_none()).count()
    }
}
