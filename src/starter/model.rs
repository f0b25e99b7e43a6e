//! The models that a starter spec tries, and the metrics that it asks for.

use super::goal::Goal;
use crate::data::Task;

/// A model with its parameters, and why it is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    pub name: String,
    /// As YAML.
    pub parameters: String,
    pub because: String,
}

/// A metric that gets a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub name: &'static str,
    /// As YAML, where there are any.
    pub parameters: Option<&'static str>,
    pub scale: Scale,
    /// What it says, for a comment.
    pub says: &'static str,
}

impl Wanted {
    /// Whether less is better.
    pub fn is_loss(&self) -> bool {
        self.scale == Scale::Loss
    }
}

/// What the values of a metric are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// A share of rows, from 0 to 1: more is better.
    Share,
    /// A mean over classes of shares: the rarest one counts as much as the others.
    ShareByClass,
    /// More is better.
    Gain,
    /// Less is better.
    Loss,
}

/// Beyond so many rows trees on bins are much faster than exact ones.
const LARGE: usize = 20_000;

/// Beyond so many rows the distances between all of them are too many.
const DISTANCES: usize = 5_000;

/// The models to try, the best guess first. One that was asked for is the only one.
pub fn models(goal: &Goal, wished: Option<&str>) -> Vec<Model> {
    let model = |name: &str, parameters: &str, because: &str| Model {
        name: name.to_owned(),
        parameters: parameters.to_owned(),
        because: because.to_owned(),
    };
    if let Some(name) = wished {
        return vec![model(name, "{}", "As `--model` said. `mlspec list` shows its parameters.")];
    }
    let forest = model(
        "random_forest",
        "{ n_estimators: 100, seed: 0 }",
        "A good first guess for a table. `mlspec list models` names the others.",
    );
    let boosting = model(
        "gradient_boosting",
        "{ seed: 0 }",
        "A good first guess for a large table. `mlspec list models` names the others.",
    );
    let linear = "Trees learned nothing here, or could not be trained. `mlspec list models` names the others.";
    match goal.task {
        Task::Classification => {
            let linear = model("logistic_regression", "{ c: 1.0 }", linear);
            if goal.rows > LARGE { vec![boosting, linear] } else { vec![forest, linear, boosting] }
        }
        Task::Regression => {
            let linear = model("ridge", "{ alpha: 1.0 }", linear);
            if goal.rows > LARGE { vec![boosting, linear] } else { vec![forest, linear, boosting] }
        }
        Task::Clustering => (2..=6)
            .map(|clusters| {
                model(
                    "k_means",
                    &format!("{{ n_clusters: {clusters}, seed: 0 }}"),
                    "As many clusters as were told apart best, of two to six. `mlspec list models` names other ways.",
                )
            })
            .collect(),
    }
}

const ACCURACY: Wanted = Wanted {
    name: "accuracy",
    parameters: None,
    scale: Scale::Share,
    says: "the share of rows whose class was predicted",
};

const BALANCED: Wanted = Wanted {
    name: "balanced_accuracy",
    parameters: None,
    scale: Scale::ShareByClass,
    says: "the mean over classes of the share that was predicted",
};

const F1: Wanted = Wanted {
    name: "f1",
    parameters: None,
    scale: Scale::ShareByClass,
    says: "of the positive class: how many of its rows are found, and how few others with them",
};

const MACRO_F1: Wanted = Wanted {
    parameters: Some("{ average: macro }"),
    says: "the mean over classes of how many rows of each are found, and how few others with them",
    ..F1
};

const ROC_AUC: Wanted = Wanted {
    name: "roc_auc",
    parameters: None,
    scale: Scale::ShareByClass,
    says: "how often a row of the positive class ranks above one of the other",
};

const R2: Wanted = Wanted {
    name: "r2",
    parameters: None,
    scale: Scale::Gain,
    says: "the share of the spread that is predicted",
};

const MAE: Wanted = Wanted {
    name: "mae",
    parameters: None,
    scale: Scale::Loss,
    says: "how far off a prediction is on average",
};

const SILHOUETTE: Wanted = Wanted {
    name: "silhouette",
    parameters: None,
    scale: Scale::Gain,
    says: "from -1 to 1: how much nearer a row is to its cluster than to the next",
};

const DAVIES_BOULDIN: Wanted = Wanted {
    name: "davies_bouldin",
    parameters: None,
    scale: Scale::Loss,
    says: "how wide the clusters are beside their distances",
};

/// The sets of metrics to try: the first says most, and the later ones ask less of the model. The
/// first metric of a set leads: it tells whether anything was learned.
pub fn metrics(goal: &Goal) -> Vec<&'static [Wanted]> {
    match goal.task {
        Task::Regression => vec![&[R2, MAE], &[MAE]],
        Task::Clustering if goal.rows > DISTANCES => vec![&[DAVIES_BOULDIN]],
        Task::Clustering => vec![&[SILHOUETTE], &[DAVIES_BOULDIN]],
        Task::Classification if goal.classes.len() == 2 => {
            vec![&[ROC_AUC, F1], &[BALANCED, F1], &[ACCURACY]]
        }
        Task::Classification => {
            let (least, most) = ends(goal);
            match least * 2 >= most {
                true => vec![&[ACCURACY, MACRO_F1], &[ACCURACY]],
                false => vec![&[BALANCED, MACRO_F1], &[ACCURACY]],
            }
        }
    }
}

fn ends(goal: &Goal) -> (usize, usize) {
    let rows = || goal.classes.iter().map(|(_, rows)| *rows);
    (rows().min().unwrap_or(0), rows().max().unwrap_or(0))
}
