//! Which findings a YAML server with the schema tells as well, so that nobody reads them twice.

use crate::diagnostic::{Code, Diagnostic, Place, Segment};
use crate::outcome::SpecOutcome;

/// Whether the schema alone tells of a finding. Where the model is known, the schema had nothing to say.
pub fn is_of_schema(outcome: &SpecOutcome, found: &Diagnostic) -> bool {
    let of_yaml = matches!(found.code, Code::YamlSyntax | Code::YamlDuplicateKey);
    let of_schema = matches!(
        found.code,
        Code::UnknownKey
            | Code::UnknownKind
            | Code::MissingKey
            | Code::WrongType
            | Code::WrongValue
            | Code::OutOfRange
            | Code::OneKind
    );
    of_yaml || (of_schema && outcome.model.is_none() && !is_tried(&found.place))
}

/// The values that a search tries are compared with the parameters of its model by code alone.
fn is_tried(place: &Place) -> bool {
    let over = |segment: &Segment| matches!(segment, Segment::Key(key) if &**key == "over");
    match place {
        Place::Spec { route, .. } => route.segments().iter().any(over),
        Place::Text { .. } | Place::Data { .. } | Place::File { .. } | Place::Flag { .. } => false,
    }
}
