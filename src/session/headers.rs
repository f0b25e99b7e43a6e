//! The headers of a spec's files: read again when the files change, and joined to what a plan is bound to.

use std::sync::PoisonError;

use super::{Session, Stopped, misfit};
use crate::data::{self, Classes, Columns, Input, LoadError};
use crate::plan::{self, BoundPlan, Known, Plan, bind, with_derived};
use crate::run;
use crate::verdict::Status;

/// An editor asks for another file with every keystroke in its path.
const MOST_HEADERS: usize = 1000;

/// What is known of the columns of a spec's files.
pub struct Headers {
    pub columns: Columns,
    pub predictions: Option<Columns>,
}

impl Headers {
    pub fn known<'a>(&'a self, classes: Option<&'a Classes>) -> Known<'a> {
        Known { columns: &self.columns, predictions: self.predictions.as_ref(), classes }
    }
}

impl Session<'_> {
    /// Binds a plan to what the beginnings of its files tell.
    pub(super) fn bind_header(&self, plan: Plan) -> Result<(BoundPlan, Headers), Stopped> {
        let columns = with_derived(&plan, &self.columns(&plan)?).map_err(misfit)?;
        let predictions = plan
            .predictions_source
            .as_ref()
            .map(|source| self.header(&plan, source))
            .transpose()?;
        let headers = Headers { columns, predictions };
        let bound = bind(plan, headers.known(None)).map_err(misfit)?;
        Ok((bound, headers))
    }

    /// The columns of the data's file or files.
    pub(super) fn columns(&self, plan: &Plan) -> Result<Columns, Stopped> {
        let columns = self.header(plan, &plan.source)?;
        let Some(source) = &plan.test_source else { return Ok(columns) };
        let test = self.header(plan, source)?;
        data::join_headers((&plan.source.path, columns), (&source.path, test))
            .map_err(|error| (Status::Error, vec![run::load_diagnostic(&error, plan, source)]))
    }

    pub(super) fn header(&self, plan: &Plan, source: &plan::Source) -> Result<Columns, Stopped> {
        self.cached_header(plan, source)
            .map_err(|error| (Status::Error, vec![run::load_diagnostic(&error, plan, source)]))
    }

    fn cached_header(&self, plan: &Plan, source: &plan::Source) -> Result<Columns, LoadError> {
        let key = (source.path.clone(), format!("{:?}{:?}", source.format, plan.types));
        let now = Input::look(&source.path);
        let lock = PoisonError::into_inner;
        let cached = self.headers.lock().unwrap_or_else(lock).get(&key).cloned();
        if let Some((input, columns)) = cached
            && input == now
        {
            return columns;
        }
        let columns = data::header(&source.path, &source.format, &plan.types);
        if matches!(&columns, Err(error) if error.is_external()) {
            // The next one who asks may have more luck.
            return columns;
        }
        let mut headers = self.headers.lock().unwrap_or_else(lock);
        if headers.len() >= MOST_HEADERS {
            headers.clear();
        }
        headers.insert(key, (now, columns.clone()));
        columns
    }
}
