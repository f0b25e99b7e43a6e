//! Which routes of a spec hold a model, or the metric of a search or of importances: models can stand
//! inside models.

use crate::diagnostic::Segment::{self, Index, Key};

/// What a map names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Model,
    Metric,
}

/// What stands at a route; none where it is something else.
pub fn at(route: &[Segment]) -> Option<Holds> {
    let [Key(top), rest @ ..] = route else { return None };
    if let ("importance", [Key(kind), Key(key)]) = (&**top, rest) {
        return (&**kind == "permutation" && &**key == "metric").then_some(Holds::Metric);
    }
    (&**top == "model").then_some(())?;
    let mut rest = rest;
    loop {
        rest = match rest {
            [] => return Some(Holds::Model),
            [Key(_), Key(key), Index(_), rest @ ..] if &**key == "of" => rest,
            [Key(_), Key(key), rest @ ..] if matches!(&**key, "model" | "final") => rest,
            [Key(kind), Key(key)] if &**kind == "search" && &**key == "metric" => {
                return Some(Holds::Metric);
            }
            _ => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Route;

    #[test]
    fn models_stand_inside_models() {
        let model = Route::root().key("model");
        let holds = |route: &Route| at(route.segments());
        assert_eq!(holds(&model), Some(Holds::Model));
        let of = model.key("voting").key("of").index(1);
        assert_eq!(holds(&of), Some(Holds::Model));
        assert_eq!(holds(&of.key("search").key("model")), Some(Holds::Model));
        assert_eq!(holds(&of.key("search").key("metric")), Some(Holds::Metric));
        assert_eq!(holds(&model.key("search").key("over")), None);
        assert_eq!(holds(&Route::root().key("data")), None);
        let permutation = Route::root().key("importance").key("permutation");
        assert_eq!(holds(&permutation.key("metric")), Some(Holds::Metric));
        assert_eq!(holds(&permutation), None);
    }
}
