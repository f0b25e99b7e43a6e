//! Rows of the kernel matrix that were needed lately, up to a limit of memory.

/// The end of the list of rows.
const NONE: u32 = u32::MAX;

/// Rows by position, the least recently used leaving first. A row can be shorter than the matrix: then
/// it is known for the first positions only.
pub(super) struct Cache {
    rows: Vec<Vec<f64>>,
    /// The doubly linked list from the least to the most recently used: before and after.
    links: Vec<(u32, u32)>,
    first: u32,
    last: u32,
    /// Values that are held, and that may be.
    held: usize,
    limit: usize,
    spare: Vec<f64>,
}

impl Cache {
    /// A cache for `rows` rows of at most `bytes` together, but always room for two.
    pub(super) fn new(rows: usize, bytes: u64) -> Self {
        let limit = usize::try_from(bytes / 8).unwrap_or(usize::MAX).max(2 * rows);
        Self {
            rows: vec![Vec::new(); rows],
            links: vec![(NONE, NONE); rows],
            first: NONE,
            last: NONE,
            held: 0,
            limit,
            spare: Vec::new(),
        }
    }

    /// Takes a row out, to be given back by [`put`](Self::put): what is known of it, in a list
    /// that can grow to `length` without exceeding the limit.
    pub(super) fn take(&mut self, row: usize, length: usize) -> Vec<f64> {
        let mut values = std::mem::take(&mut self.rows[row]);
        if !values.is_empty() {
            self.unlink(row);
            self.held -= values.len();
        }
        while self.held + length > self.limit && self.first != NONE {
            let oldest = self.first as usize;
            self.unlink(oldest);
            let freed = std::mem::take(&mut self.rows[oldest]);
            self.held -= freed.len();
            self.spare = freed;
        }
        if values.capacity() < length {
            let mut roomy = std::mem::take(&mut self.spare);
            roomy.clear();
            roomy.reserve_exact(length);
            roomy.extend_from_slice(&values);
            values = roomy;
        }
        // What is out counts as held, so that a second row does not take the same room.
        self.held += length;
        values
    }

    /// How many rows of this length fit beside those that are held.
    pub(super) fn room(&self, length: usize) -> usize {
        self.limit.saturating_sub(self.held) / length.max(1)
    }

    /// Whether nothing is held of a row.
    pub(super) fn lacks(&self, row: usize) -> bool {
        self.rows[row].is_empty()
    }

    /// Gives a row back that was taken for `length` values.
    pub(super) fn put(&mut self, row: usize, values: Vec<f64>, length: usize) {
        self.held -= length;
        self.held += values.len();
        self.links[row] = (self.last, NONE);
        match self.last {
            NONE => self.first = row as u32,
            last => self.links[last as usize].1 = row as u32,
        }
        self.last = row as u32;
        self.rows[row] = values;
    }

    fn unlink(&mut self, row: usize) {
        let (before, after) = self.links[row];
        match before {
            NONE => self.first = after,
            before => self.links[before as usize].1 = after,
        }
        match after {
            NONE => self.last = before,
            after => self.links[after as usize].0 = before,
        }
        self.links[row] = (NONE, NONE);
    }

    /// Puts positions into a new order, of which the first `kept` stay active: `order` names their old
    /// positions. Rows of the others are forgotten, as are the values for them.
    pub(super) fn reorder(&mut self, order: &[u32], kept: usize) {
        let mut by_use = Vec::new();
        let mut next = self.first;
        while next != NONE {
            by_use.push(next);
            next = self.links[next as usize].1;
        }
        let mut place = vec![NONE; self.rows.len()];
        for (position, &old) in order[..kept].iter().enumerate() {
            place[old as usize] = position as u32;
        }
        let mut old_rows = std::mem::take(&mut self.rows);
        self.rows = vec![Vec::new(); old_rows.len()];
        self.links.fill((NONE, NONE));
        (self.first, self.last, self.held) = (NONE, NONE, 0);
        for old in by_use {
            let values = std::mem::take(&mut old_rows[old as usize]);
            let position = place[old as usize];
            if position == NONE {
                continue;
            }
            let known = order[..kept].iter().take_while(|from| (**from as usize) < values.len());
            let moved: Vec<f64> = known.map(|&from| values[from as usize]).collect();
            if !moved.is_empty() {
                let length = moved.len();
                self.held += length;
                self.put(position as usize, moved, length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(cache: &mut Cache, row: usize, length: usize) {
        let mut values = cache.take(row, length);
        values.resize(length, row as f64);
        cache.put(row, values, length);
    }

    #[test]
    fn the_least_recently_used_row_leaves_first() {
        let mut cache = Cache::new(4, 3 * 4 * 8);
        for row in [0, 1, 2, 0, 3] {
            store(&mut cache, row, 4);
        }
        let known: Vec<usize> = cache.rows.iter().map(Vec::len).collect();
        assert_eq!(known, [4, 0, 4, 4]);
        assert_eq!(cache.held, 12);
    }

    #[test]
    fn two_rows_fit_whatever_the_limit() {
        let mut cache = Cache::new(4, 0);
        let first = cache.take(0, 4);
        let second = cache.take(1, 4);
        cache.put(0, first, 4);
        cache.put(1, second, 4);
        assert_eq!(cache.limit, 8);
    }

    #[test]
    fn rows_follow_a_new_order() {
        let mut cache = Cache::new(4, 1 << 20);
        for row in 0..3 {
            let mut values = cache.take(row, 4);
            values.extend((0..4).map(|column| (10 * row + column) as f64));
            cache.put(row, values, 4);
        }
        cache.reorder(&[2, 0, 1, 3], 2);
        assert_eq!(cache.take(0, 2), [22.0, 20.0]);
        assert_eq!(cache.take(1, 2), [2.0, 0.0]);
        assert!(cache.take(2, 2).is_empty());
    }
}
