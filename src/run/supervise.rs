//! Runs specs side by side on threads of their own, each with a deadline, and goes on without those
//! that crash or cannot be stopped.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::workers::{Crash, STACK_BYTES, words};
use crate::kinds::models::StopFlag;

/// How items are run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many at once.
    pub jobs: usize,
    /// How long each may take, unless it says otherwise.
    pub timeout: Option<Duration>,
    /// After so long an item counts as slow, and again after each further period.
    pub slow_after: Option<Duration>,
    /// How long an item that was told to stop may take to do so.
    pub grace: Duration,
}

/// What an item's thread knows of its run, and tells of it.
pub struct Job {
    /// Raised at the deadline, and when the whole run ends.
    pub stop: StopFlag,
    expired: AtomicBool,
    tell: Box<dyn Fn(Word) + Send + Sync>,
}

enum Word {
    /// From now on there is so much time.
    Allow(Option<Duration>),
    Stage(String),
}

impl Job {
    /// Gives the item so much time from now on; none: as much as it takes.
    pub fn allow(&self, limit: Option<Duration>) {
        (self.tell)(Word::Allow(limit));
    }

    /// Says what is being done.
    pub fn stage(&self, words: &str) {
        (self.tell)(Word::Stage(words.to_owned()));
    }

    /// Whether the deadline has passed.
    pub fn has_expired(&self) -> bool {
        self.expired.load(Ordering::Acquire)
    }
}

/// How an item ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End<R> {
    Done(R),
    Crashed(Crash),
    /// It did not stop when it was told to, at its deadline or the end of the run. Its thread may still be
    /// busy.
    Abandoned,
}

/// What is seen of an item.
pub enum Seen<'a, R> {
    Began,
    Stage(&'a str),
    /// It has been running for so long.
    Slow(Duration),
    Ended(&'a End<R>),
}

/// Whether further items are begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    GoOn,
    BeginNone,
}

enum Message<R> {
    Began(Arc<Job>),
    Word(Word),
    /// With whom to tell that it was heard.
    Ended(Result<R, Crash>, SyncSender<()>),
}

struct Running {
    job: Arc<Job>,
    began: Instant,
    deadline: Option<Instant>,
    /// When it was told to stop.
    told: Option<Instant>,
    slow_at: Option<Instant>,
}

/// How long the one who waits sleeps at most, so that a signal is noticed.
const TICK: Duration = Duration::from_millis(50);

type Work<T, R> = Box<dyn Fn(&T, &Job) -> R + Send + Sync>;

/// What the threads share.
struct Shared<T, R> {
    items: Vec<T>,
    next: AtomicUsize,
    work: Work<T, R>,
    send: Mutex<Sender<(usize, Message<R>)>>,
    above: &'static StopFlag,
}

/// Runs `work` on each item and returns how each ended, in the order of the items; none for those that
/// were not begun. `see` is called on this thread.
pub fn supervise<T, R>(
    items: Vec<T>,
    limits: Limits,
    above: &'static StopFlag,
    work: impl Fn(&T, &Job) -> R + Send + Sync + 'static,
    see: &mut dyn FnMut(usize, Seen<'_, R>) -> Next,
) -> Vec<Option<End<R>>>
where
    T: Send + Sync + 'static,
    R: Send + 'static,
{
    let (send, receive) = channel();
    let count = items.len();
    let mut ends: Vec<Option<End<R>>> = (0..count).map(|_| None).collect();
    let shared = Arc::new(Shared {
        items,
        next: AtomicUsize::new(0),
        work: Box::new(work),
        send: Mutex::new(send),
        above,
    });
    let mut started = 0;
    while started < limits.jobs.clamp(1, count.max(1)) && begin(&shared, started) {
        started += 1;
    }
    let mut threads = started;
    let mut running: HashMap<usize, Running> = HashMap::new();
    let mut interrupted: Option<Instant> = None;
    if threads == 0 {
        // The system gives no thread at all.
        shared.begin_none();
    }
    // A thread that takes no item ends in silence: what counts is how many were begun and have not ended.
    while ends.iter().filter(|end| end.is_some()).count() < shared.begun() {
        let now = Instant::now();
        if above.is_raised() {
            shared.begin_none();
            interrupted.get_or_insert(now);
        }
        let due = running.values().filter_map(|each| each.due(limits.grace, interrupted)).min();
        let wait = due.map_or(TICK, |due| due.saturating_duration_since(now).min(TICK));
        match receive.recv_timeout(wait) {
            Ok((at, message)) => {
                if hear(at, message, limits, &mut running, &mut ends, see) == Next::BeginNone {
                    shared.begin_none();
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let now = Instant::now();
        let mut lost = Vec::new();
        for (at, each) in &mut running {
            if each.deadline.is_some_and(|deadline| deadline <= now) && each.told.is_none() {
                each.job.expired.store(true, Ordering::Release);
                each.job.stop.raise();
                each.told = Some(now);
            }
            if let Some(at_last) = each.slow_at.filter(|slow_at| *slow_at <= now) {
                see(*at, Seen::Slow(at_last - each.began));
                each.slow_at = limits.slow_after.map(|period| at_last + period);
            }
            let told = each.told.or(interrupted);
            if told.is_some_and(|told| told + limits.grace <= now) {
                lost.push(*at);
            }
        }
        lost.sort_unstable();
        for at in lost {
            running.remove(&at);
            let end = End::Abandoned;
            if see(at, Seen::Ended(&end)) == Next::BeginNone {
                shared.begin_none();
            }
            ends[at] = Some(end);
            // Its thread takes no further item, so another one does.
            threads -= 1;
            if begin(&shared, started) {
                started += 1;
                threads += 1;
            }
            if threads == 0 {
                shared.begin_none();
            }
        }
    }
    ends
}

fn hear<R>(
    at: usize,
    message: Message<R>,
    limits: Limits,
    running: &mut HashMap<usize, Running>,
    ends: &mut [Option<End<R>>],
    see: &mut dyn FnMut(usize, Seen<'_, R>) -> Next,
) -> Next {
    let now = Instant::now();
    match message {
        Message::Began(job) => {
            let after =
                |period: Option<Duration>| period.and_then(|period| now.checked_add(period));
            let (deadline, slow_at) = (after(limits.timeout), after(limits.slow_after));
            running.insert(at, Running { job, began: now, deadline, told: None, slow_at });
            see(at, Seen::Began)
        }
        // What was abandoned may still talk.
        Message::Word(word) => match (running.get_mut(&at), word) {
            (None, _) => Next::GoOn,
            (Some(each), Word::Allow(limit)) => {
                each.deadline = limit.and_then(|limit| now.checked_add(limit));
                Next::GoOn
            }
            (Some(_), Word::Stage(stage)) => see(at, Seen::Stage(&stage)),
        },
        Message::Ended(result, heard) => {
            if running.remove(&at).is_none() {
                return Next::GoOn;
            }
            let end = match result {
                Ok(done) => End::Done(done),
                Err(crash) => End::Crashed(crash),
            };
            let next = see(at, Seen::Ended(&end));
            ends[at] = Some(end);
            if next == Next::GoOn {
                let _ = heard.send(());
            }
            next
        }
    }
}

impl Running {
    /// When something has to be done about it.
    fn due(&self, grace: Duration, interrupted: Option<Instant>) -> Option<Instant> {
        let lost = self.told.or(interrupted).map(|told| told + grace);
        let stop = self.deadline.filter(|_| self.told.is_none());
        [lost, stop, self.slow_at].into_iter().flatten().min()
    }
}

impl<T, R> Shared<T, R> {
    /// How many items were begun.
    fn begun(&self) -> usize {
        match self.next.load(Ordering::Acquire) {
            next if next & CLOSED == 0 => self.items.len(),
            next => (next & !CLOSED).min(self.items.len()),
        }
    }

    fn begin_none(&self) {
        self.next.fetch_or(CLOSED, Ordering::AcqRel);
    }

    fn claim(&self) -> Option<usize> {
        let mut next = self.next.load(Ordering::Acquire);
        while next & CLOSED == 0 && next < self.items.len() {
            let swap =
                self.next.compare_exchange(next, next + 1, Ordering::AcqRel, Ordering::Acquire);
            match swap {
                Ok(at) => return Some(at),
                Err(other) => next = other,
            }
        }
        None
    }

    fn say(&self, at: usize, message: Message<R>) {
        // Nobody listens once all that counts has ended.
        let _ = self.send.lock().unwrap_or_else(PoisonError::into_inner).send((at, message));
    }
}

/// Set in the number of the next item once none is begun any more.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// Starts a thread that takes items; false if the system gives none.
fn begin<T, R>(shared: &Arc<Shared<T, R>>, number: usize) -> bool
where
    T: Send + Sync + 'static,
    R: Send + 'static,
{
    let shared = shared.clone();
    let builder =
        std::thread::Builder::new().name(format!("spec-{number}")).stack_size(STACK_BYTES);
    builder.spawn(move || take(&shared)).is_ok()
}

fn take<T, R>(shared: &Arc<Shared<T, R>>)
where
    T: Send + Sync + 'static,
    R: Send + 'static,
{
    while let Some(at) = shared.claim() {
        let speaker = shared.clone();
        let job = Arc::new(Job {
            stop: StopFlag::below(shared.above),
            expired: AtomicBool::new(false),
            tell: Box::new(move |word| speaker.say(at, Message::Word(word))),
        });
        shared.say(at, Message::Began(job.clone()));
        let result = catch_unwind(AssertUnwindSafe(|| (shared.work)(&shared.items[at], &job)))
            .map_err(|payload| Crash(words(&*payload)));
        let (heard, answer) = sync_channel(1);
        shared.say(at, Message::Ended(result, heard));
        // A thread whose item was given up takes no further one, because another has its place; and
        // none takes one before it is known whether there is to be a next.
        if answer.recv().is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static NEVER: StopFlag = StopFlag::new();

    fn limits(jobs: usize) -> Limits {
        Limits { jobs, timeout: None, slow_after: None, grace: Duration::ZERO }
    }

    #[test]
    fn a_crash_stays_with_its_item() {
        let work = |item: &i32, _: &Job| {
            assert_ne!(*item, 2, "item {item} broke");
            item * 10
        };
        let ends = supervise(vec![1, 2, 3, 4], limits(2), &NEVER, work, &mut |_, _| Next::GoOn);
        assert_eq!(ends[0], Some(End::Done(10)));
        assert!(
            matches!(&ends[1], Some(End::Crashed(Crash(words))) if words.contains("item 2 broke"))
        );
        assert_eq!(ends[3], Some(End::Done(40)));
    }

    #[test]
    fn nothing_is_begun_after_a_stop() {
        let mut see = |at: usize, seen: Seen<'_, i32>| match seen {
            Seen::Ended(_) if at == 1 => Next::BeginNone,
            _ => Next::GoOn,
        };
        let ends = supervise(vec![0, 1, 2], limits(1), &NEVER, |item, _| *item, &mut see);
        assert_eq!(ends, [Some(End::Done(0)), Some(End::Done(1)), None]);
    }

    #[test]
    fn what_does_not_stop_at_its_deadline_is_left_behind_and_the_rest_runs() {
        let (hold, held) = channel::<()>();
        let held = Mutex::new(held);
        let work = move |item: &i32, job: &Job| {
            if *item == 0 {
                job.allow(Some(Duration::ZERO));
                // Blocks until the test is over, whatever it is told.
                let _ = held.lock().unwrap().recv();
            }
            *item
        };
        let ends = supervise(vec![0, 1, 2], limits(1), &NEVER, work, &mut |_, _| Next::GoOn);
        assert_eq!(ends, [Some(End::Abandoned), Some(End::Done(1)), Some(End::Done(2))]);
        drop(hold);
    }

    #[test]
    fn what_stops_at_its_deadline_knows_that_it_has_passed() {
        let work = |_: &(), job: &Job| {
            job.allow(Some(Duration::ZERO));
            while !job.stop.is_raised() {
                std::thread::yield_now();
            }
            job.has_expired()
        };
        let patient = Limits { grace: Duration::from_secs(3600), ..limits(1) };
        let ends = supervise(vec![()], patient, &NEVER, work, &mut |_, _| Next::GoOn);
        assert_eq!(ends, [Some(End::Done(true))]);
    }

    #[test]
    fn stages_are_seen_in_their_order() {
        let work = |item: &i32, job: &Job| {
            job.stage("one");
            job.stage("two");
            *item
        };
        let mut stages = Vec::new();
        supervise(vec![1], limits(1), &NEVER, work, &mut |_, seen| {
            stages.push(match seen {
                Seen::Began => "began".to_owned(),
                Seen::Stage(stage) => stage.to_owned(),
                Seen::Slow(_) => "slow".to_owned(),
                Seen::Ended(_) => "ended".to_owned(),
            });
            Next::GoOn
        });
        assert_eq!(stages, ["began", "one", "two", "ended"]);
    }
}
