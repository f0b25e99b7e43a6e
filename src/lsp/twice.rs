//! Which findings a YAML server with the schema tells as well, so that nobody reads them twice.

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::spec::OfSchema;

/// Whether the schema alone tells of a finding.
pub fn is_of_schema(schema: &OfSchema, found: &Diagnostic) -> bool {
    if matches!(found.code, Code::YamlSyntax | Code::YamlDuplicateKey) {
        return true;
    }
    let Place::Spec { route, .. } = &found.place else { return false };
    let goes_with_no_model = matches!(
        found.code,
        Code::Decision
            | Code::Importance
            | Code::MetricMisfit
            | Code::MetricNeedsProbabilities
            | Code::SplitImpossible
            | Code::TargetNeeded
            | Code::TaskMisfit
            | Code::ThresholdMisfit
            | Code::WeightRefused
    );
    let under = |above| route.segments().starts_with(above);
    schema.wrong.contains(route)
        || (goes_with_no_model && schema.refused.iter().any(|above| under(above.segments())))
}
