//! Reads a table as it is most likely meant: its separator, its header, its words for gaps, its times.

use std::path::Path;

use super::{Asked, NotStarted};
use crate::data::{self, Format, Frame, LoadError, Request, Task};
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::plan::{Plan, outline};
use crate::run;
use crate::session::Session;
use crate::spec::draft;
use crate::starter::{self, Dialect, Facts, Origin};
use crate::text::{Document, Source};
use crate::verdict::Status;

/// A table with everything that is known of it.
pub(super) struct Known {
    pub origin: Origin,
    pub facts: Facts,
}

impl Session<'_> {
    /// Reads the table as it is most likely meant.
    pub(super) fn look_at(&self, asked: &Asked, task: Option<Task>) -> Result<Known, NotStarted> {
        let plain = Origin { path: asked.path.clone(), ..Origin::default() };
        let found = |found: Vec<Diagnostic>| placed(found, asked);
        let (mut origin, frame) = match self.read_table(asked, &plain) {
            Ok(frame) => self.dialect(asked, plain, frame),
            Err(error) => match self.separated(asked, &plain) {
                Some(read) => read,
                None => return Err(found(error)),
            },
        };
        let target = asked.target.as_deref();
        let facts_of = |frame: &Frame| {
            starter::facts(frame, target).map_err(|error| found(vec![in_words(&error)]))
        };
        let mut facts = facts_of(&frame)?;
        drop(frame);
        let classes = target.filter(|_| task == Some(Task::Classification));
        for step in [Some(Finer::Gaps), Some(Finer::Times), classes.map(Finer::Classes)] {
            let Some(step) = step else { continue };
            let finer = step.of(&origin, &facts);
            if finer != origin
                && let Ok(frame) = self.read_table(asked, &finer)
            {
                facts = facts_of(&frame)?;
                origin = finer;
            }
        }
        Ok(Known { origin, facts })
    }

    /// A table that was read, once more if another separator or no header is more likely.
    fn dialect(&self, asked: &Asked, plain: Origin, frame: Frame) -> (Origin, Frame) {
        let names = frame.columns();
        let names: Vec<&str> = names.names().collect();
        if let [only] = names[..]
            && only.contains(SEPARATORS)
            && let Some(read) = self.separated(asked, &plain)
        {
            return read;
        }
        let numbers = names.iter().filter(|name| name.trim().parse::<f64>().is_ok()).count();
        let named = asked.target.as_ref().is_some_and(|target| names.contains(&target.as_str()));
        if numbers * 2 > names.len() && !named {
            let dialect = Dialect { without_header: true, ..Dialect::default() };
            let bare = Origin { dialect, ..plain.clone() };
            if let Ok(frame) = self.read_table(asked, &bare) {
                return (bare, frame);
            }
        }
        (plain, frame)
    }

    /// The table with the separator that gives it several columns.
    fn separated(&self, asked: &Asked, plain: &Origin) -> Option<(Origin, Frame)> {
        SEPARATORS.into_iter().find_map(|separator| {
            let dialect = Dialect { separator: Some(separator), ..Dialect::default() };
            let origin = Origin { dialect, ..plain.clone() };
            let frame = self.read_table(asked, &origin).ok()?;
            (frame.columns().infos.len() > 1).then_some((origin, frame))
        })
    }

    fn read_table(&self, asked: &Asked, origin: &Origin) -> Result<Frame, Vec<Diagnostic>> {
        let source = Source::new(&*asked.spec, starter::reading(origin));
        let (document, found) = Document::parse(source, self.environment);
        if found.iter().any(|each| each.severity == Severity::Error) {
            return Err(found);
        }
        let folder = asked.spec.parent().unwrap_or(Path::new(""));
        let plan: Plan = outline(draft(&document)?.spec, folder)?;
        let is_text = matches!(plan.source.format, Format::Csv(_));
        if !is_text && origin.dialect != Dialect::default() {
            return Err(Vec::new());
        }
        data::load(&Request {
            path: &plan.source.path,
            format: &plan.source.format,
            columns: None,
            types: &plan.types,
            derived: &[],
            predicate: None,
        })
        .map_err(|error| vec![run::load_diagnostic(&error, &plan, &plan.source)])
    }
}

/// What parts the fields of text tables, other than commas.
const SEPARATORS: [char; 3] = [';', '\t', '|'];

/// What the values of a table tell about how it is to be read.
#[derive(Clone, Copy)]
enum Finer<'a> {
    Gaps,
    Times,
    /// The target, of which the classes are asked for.
    Classes(&'a str),
}

impl Finer<'_> {
    fn of(self, origin: &Origin, facts: &Facts) -> Origin {
        match self {
            Self::Gaps => {
                let dialect = Dialect { gaps: starter::gap_words(facts), ..origin.dialect.clone() };
                Origin { dialect, ..origin.clone() }
            }
            Self::Times => Origin { types: starter::moments(facts), ..origin.clone() },
            Self::Classes(target) => {
                let mut finer = origin.clone();
                finer.types.extend(starter::written_classes(facts, target));
                finer
            }
        }
    }
}

fn in_words(error: &LoadError) -> Diagnostic {
    Diagnostic::error(error.code(), Place::Flag { name: String::new() }, error.message.clone())
}

/// Findings about a spec that nobody has seen, as findings about the data.
fn placed(found: Vec<Diagnostic>, asked: &Asked) -> NotStarted {
    let placed = |each: Diagnostic| {
        let related = each
            .related
            .into_iter()
            .filter(|related| matches!(related.place, Place::Data { .. } | Place::File { .. }));
        Diagnostic {
            place: Place::Flag { name: asked.data.clone() },
            related: related.collect(),
            fixes: Vec::new(),
            ..each
        }
    };
    let is_usage = found.iter().any(|each| matches!(each.code, Code::DataUrl | Code::DataFormat));
    let status = if is_usage { Status::Invalid } else { Status::Error };
    NotStarted { status, found: found.into_iter().map(placed).collect(), spec: None }
}
