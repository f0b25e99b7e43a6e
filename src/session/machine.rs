//! Who has the machine: a spec that measures time has it alone, all others share it. A lease can be taken
//! back from a spec that is given up, so that it does not keep the others waiting.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};

/// The machine, and who uses it now.
#[derive(Debug, Default)]
pub struct Machine {
    users: Mutex<Users>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Users {
    /// The next number that a lease gets.
    next: u64,
    shared: BTreeSet<u64>,
    alone: Option<u64>,
    /// How many wait to have it alone; nobody else begins meanwhile, or they would wait for ever.
    waiting: usize,
}

/// How a spec needs the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Alone,
    Shared,
}

/// The right to use the machine, until it is dropped or taken back.
#[derive(Debug)]
pub struct Lease<'a> {
    machine: &'a Machine,
    number: u64,
}

impl Machine {
    /// Waits for the machine. `taken` sees the number by which the lease can be taken back.
    pub fn lease(&self, how: Use, taken: impl FnOnce(u64)) -> Lease<'_> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        let number = users.next;
        users.next += 1;
        match how {
            Use::Shared => {
                while users.alone.is_some() || users.waiting > 0 {
                    users = self.changed.wait(users).unwrap_or_else(PoisonError::into_inner);
                }
                users.shared.insert(number);
            }
            Use::Alone => {
                users.waiting += 1;
                while users.alone.is_some() || !users.shared.is_empty() {
                    users = self.changed.wait(users).unwrap_or_else(PoisonError::into_inner);
                }
                users.waiting -= 1;
                users.alone = Some(number);
            }
        }
        taken(number);
        Lease { machine: self, number }
    }

    /// Takes a lease back; its spec goes on as if it had it.
    pub fn take_back(&self, number: u64) {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users.shared.remove(&number);
        if users.alone == Some(number) {
            users.alone = None;
        }
        self.changed.notify_all();
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.machine.take_back(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_that_is_taken_back_keeps_nobody_waiting() {
        let machine = Machine::default();
        let mut number = None;
        let stuck = machine.lease(Use::Alone, |taken| number = Some(taken));
        machine.take_back(number.expect("a lease has a number"));
        let next = machine.lease(Use::Alone, |_| {});
        // Dropping what was taken back leaves the lease of the next one alone.
        drop(stuck);
        assert_eq!(machine.users.lock().unwrap().alone, Some(next.number));
        drop(next);
        let (_one, _two) = (machine.lease(Use::Shared, |_| {}), machine.lease(Use::Shared, |_| {}));
        assert_eq!(machine.users.lock().unwrap().shared.len(), 2);
    }
}
