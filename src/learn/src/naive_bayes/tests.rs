use linfa::ParamGuard;
use ndarray::{Array2, Axis, array};
use proptest::prelude::*;

use super::complement::Norm;
use super::*;
use crate::Control;
use crate::test_support::*;

/// One of the models, with parameters.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Multinomial(f64, Prior),
    Complement(f64, Norm),
    /// With `binarize` second.
    Bernoulli(f64, f64, Prior),
    Categorical(f64, Prior),
}

const KINDS: [Kind; 4] = [
    Kind::Multinomial(1.0, Prior::Shares),
    Kind::Complement(1.0, Norm::None),
    Kind::Bernoulli(1.0, 2.0, Prior::Shares),
    Kind::Categorical(1.0, Prior::Shares),
];

type Answers = (Vec<u32>, Array2<f64>);

/// Trains on `x` and answers for `at`.
fn answers(
    kind: Kind,
    (x, codes, classes): (&Array2<f64>, &[u32], usize),
    control: &Control<'_>,
    at: &Array2<f64>,
) -> Result<Answers, Error> {
    macro_rules! answered {
        ($parameters:expr) => {{
            let model = $parameters.check()?.fit_rows(x.view(), codes, classes, control)?;
            (model.predict_rows(at.view()).to_vec(), model.predict_probabilities(at.view()))
        }};
    }
    Ok(match kind {
        Kind::Multinomial(alpha, prior) => {
            answered!(MultinomialNaiveBayes::new().alpha(alpha).prior(prior))
        }
        Kind::Complement(alpha, norm) => {
            answered!(ComplementNaiveBayes::new().alpha(alpha).norm(norm))
        }
        Kind::Bernoulli(alpha, cut, prior) => {
            answered!(BernoulliNaiveBayes::new().alpha(alpha).binarize(cut).prior(prior))
        }
        Kind::Categorical(alpha, prior) => {
            answered!(CategoricalNaiveBayes::new().alpha(alpha).prior(prior))
        }
    })
}

/// Columns that suit the kind: whole numbers for categories.
fn suited(kind: Kind, x: &Array2<f64>) -> Array2<f64> {
    match kind {
        Kind::Categorical(..) => x.mapv(|value| value.abs().floor().min(50.0)),
        Kind::Multinomial(..) | Kind::Complement(..) | Kind::Bernoulli(..) => x.mapv(f64::abs),
    }
}

/// scikit-learn 1.9.1 on the wine table, for categories `floor(x / [2, 1, 10, 100])` of columns
/// 0, 1, 4 and 12: whether the rows weigh 1, 2, 3, 1, ..., `predict_proba` of rows 0, 70, 130 and
/// 177, and the sum of the logarithms of `predict_proba` at the row's class, from 1e-300 on. An
/// alpha of 0 here is `1e-10` there.
#[test]
fn agrees_with_scikit_learn() {
    let cases: [(Kind, bool, [f64; 12], f64); 16] = [
        (
            Kind::Multinomial(1.0, Prior::Shares),
            false,
            [
                0.9999997914155974,
                4.014565365844168e-10,
                2.0818294239978574e-07,
                0.998414253012882,
                2.404694290010687e-06,
                0.0015833422928658504,
                2.395949805701593e-10,
                0.7660227259634648,
                0.23397727379692337,
                4.059261329595821e-13,
                0.02395217142377983,
                0.9760478285757577,
            ],
            -128.50928747302254,
        ),
        (
            Kind::Multinomial(0.0, Prior::Uniform),
            false,
            [
                0.9999997317565108,
                3.7743816316007506e-10,
                2.678660447734359e-07,
                0.9978702201167264,
                2.230038938689391e-06,
                0.0021275498443186305,
                2.4052303590524386e-10,
                0.6949573429925571,
                0.305042656766973,
                3.1424089954194363e-13,
                0.016707628638964363,
                0.9832923713607614,
            ],
            -129.39213705629157,
        ),
        (
            Kind::Complement(1.0, Norm::None),
            false,
            [
                0.9999999489452889,
                1.8299165550062306e-08,
                3.2755494903507635e-08,
                0.9999835019101628,
                6.450562121890061e-06,
                1.0047527682351332e-05,
                3.1078774043717376e-05,
                0.9800029325828576,
                0.019965988643063294,
                2.8436036912022623e-06,
                0.8388053357369509,
                0.16119182065940635,
            ],
            -194.13220425818656,
        ),
        (
            Kind::Complement(0.5, Norm::Weights),
            false,
            [
                0.5284039205443728,
                0.21239277927328445,
                0.25920330018234317,
                0.4817167785231837,
                0.23814592922753244,
                0.28013729224928424,
                0.40431990303828375,
                0.28341310534807734,
                0.31226699161363963,
                0.39374076642736394,
                0.28291730221440675,
                0.3233419313582287,
            ],
            -178.51847956496528,
        ),
        (
            Kind::Bernoulli(1.0, 2.0, Prior::Shares),
            false,
            [
                0.886563746236278,
                0.1134271172586308,
                9.13650509130125e-06,
                2.715610895418307e-05,
                0.08065806053200726,
                0.9193147833590388,
                2.715610895418307e-05,
                0.08065806053200726,
                0.9193147833590388,
                0.0004935901807504465,
                0.06457062051526409,
                0.9349357893039856,
            ],
            -76.24755831817063,
        ),
        (
            Kind::Bernoulli(0.3, 5.0, Prior::Uniform),
            false,
            [
                0.4651522164052823,
                0.031929947096899176,
                0.5029178364978185,
                0.23183707414001764,
                0.6376601365045521,
                0.13050278935543028,
                0.23183707414001764,
                0.6376601365045521,
                0.13050278935543028,
                0.4651522164052823,
                0.031929947096899176,
                0.5029178364978185,
            ],
            -141.78737524747842,
        ),
        (
            Kind::Categorical(1.0, Prior::Shares),
            false,
            [
                0.9976254074611501,
                0.0002496571462151157,
                0.002124935392634703,
                0.7604658096890524,
                0.13776415528660418,
                0.10177003502434342,
                0.28660850885069505,
                0.19285057057590324,
                0.5205409205734022,
                0.040390434839119235,
                0.03163236605224524,
                0.9279771991086356,
            ],
            -57.861281443940605,
        ),
        (
            Kind::Categorical(0.2, Prior::Uniform),
            false,
            [
                0.9995590651166734,
                1.8826284872306563e-06,
                0.000439052254839811,
                0.785823266044144,
                0.08848214937644343,
                0.12569458457941282,
                0.21752962660099345,
                0.03946230401471376,
                0.7430080693842928,
                0.005217742936552855,
                0.0040436482956805265,
                0.990738608767767,
            ],
            -49.14832748198947,
        ),
        (
            Kind::Multinomial(1.0, Prior::Shares),
            true,
            [
                0.9999998464725313,
                3.1860435559890194e-09,
                1.5034141053417907e-07,
                0.9986826300436881,
                1.41107996443298e-05,
                0.001303259156681093,
                2.3044662024958555e-10,
                0.7613728809040365,
                0.2386271188655473,
                4.0649816416808224e-13,
                0.021217981684297015,
                0.9787820183152495,
            ],
            -117.11344833809261,
        ),
        (
            Kind::Multinomial(0.0, Prior::Uniform),
            true,
            [
                0.9999998097947763,
                2.783056342304471e-09,
                1.874222187969039e-07,
                0.9983270935071482,
                1.2250234588350372e-05,
                0.0016606562582887968,
                2.4207274488951116e-10,
                0.685916973346673,
                0.314083026411233,
                3.2609520504594573e-13,
                0.014585539051883978,
                0.985414460947735,
            ],
            -117.19990169803981,
        ),
        (
            Kind::Complement(1.0, Norm::None),
            true,
            [
                0.999999887091014,
                4.266401488254021e-08,
                7.024492855563558e-08,
                0.9999676575813051,
                1.334020847615888e-05,
                1.9002210180379362e-05,
                3.9500777519132036e-05,
                0.9675795719940745,
                0.032380927228364095,
                3.6328445790035192e-06,
                0.762108841487281,
                0.23788752566810709,
            ],
            -172.58064635624112,
        ),
        (
            Kind::Complement(0.5, Norm::Weights),
            true,
            [
                0.5198883131449767,
                0.2184532624789093,
                0.26165842437611425,
                0.4746481522472202,
                0.24343453616462601,
                0.28191731158815403,
                0.4001394393006422,
                0.28642269602684256,
                0.31343786467251483,
                0.38990634812909614,
                0.2858137063245524,
                0.32427994554635203,
            ],
            -178.64781208918367,
        ),
        (
            Kind::Bernoulli(1.0, 2.0, Prior::Shares),
            true,
            [
                0.914786138957991,
                0.0852100449478798,
                3.816094129103168e-06,
                3.2081809774051934e-06,
                0.07487529004630729,
                0.9251215017727153,
                3.2081809774051934e-06,
                0.07487529004630729,
                0.9251215017727153,
                0.00012038745908111127,
                0.06374508988828549,
                0.9361345226526335,
            ],
            -76.51923430532165,
        ),
        (
            Kind::Bernoulli(0.3, 5.0, Prior::Uniform),
            true,
            [
                0.47892476049284244,
                0.027731182299426418,
                0.49334405720773117,
                0.2399221490439007,
                0.6175427436804136,
                0.14253510727568566,
                0.2399221490439007,
                0.6175427436804136,
                0.14253510727568566,
                0.47892476049284244,
                0.027731182299426418,
                0.49334405720773117,
            ],
            -141.83518532527302,
        ),
        (
            Kind::Categorical(1.0, Prior::Shares),
            true,
            [
                0.9987669809572366,
                3.704785326958563e-05,
                0.0011959711894936722,
                0.732526826799553,
                0.1537072318702597,
                0.11376594133018744,
                0.2235986863884909,
                0.11462934287557719,
                0.6617719707359315,
                0.015122043564178315,
                0.016728311155534567,
                0.9681496452802869,
            ],
            -53.82487763565014,
        ),
        (
            Kind::Categorical(0.2, Prior::Uniform),
            true,
            [
                0.999730961621374,
                2.607221193422295e-07,
                0.00026877765650637383,
                0.7452066335927735,
                0.11337757433366191,
                0.14141579207356436,
                0.1695931515990696,
                0.019324595723967376,
                0.8110822526769633,
                0.0017353964157408065,
                0.002181917841690664,
                0.9960826857425686,
            ],
            -47.791721381600496,
        ),
    ];
    let (x, codes) = table("wine");
    let weights: Vec<f64> = (0..codes.len()).map(|row| 1.0 + (row % 3) as f64).collect();
    let mut categories = x.select(Axis(1), &[0, 1, 4, 12]);
    for (mut column, unit) in categories.columns_mut().into_iter().zip([2.0, 1.0, 10.0, 100.0]) {
        column.mapv_inplace(|value| (value / unit).floor());
    }
    for (kind, weighted, expected, logs) in cases {
        let x = if matches!(kind, Kind::Categorical(..)) { &categories } else { &x };
        let control = if weighted { Control::weighted(&weights) } else { Control::plain() };
        let (predicted, probabilities) = answers(kind, (x, &codes, 3), &control, x).unwrap();
        let rows = probabilities.select(Axis(0), &[0, 70, 130, 177]);
        for (found, expected) in rows.iter().zip(&expected) {
            assert!((found - expected).abs() <= 1e-12, "{kind:?}: {found} is not {expected}");
        }
        let found: f64 = codes
            .iter()
            .enumerate()
            .map(|(row, &code)| probabilities[[row, code as usize]].max(1e-300).ln())
            .sum();
        assert_close([&found], &[logs], 1e-12);
        let largest = crate::rows::largest(&probabilities).to_vec();
        assert_eq!(predicted, largest, "{kind:?}");
    }
}

#[test]
fn refuses_what_it_cannot_use() {
    let control = Control::plain();
    for kind in KINDS {
        let fit = |x: Array2<f64>| answers(kind, (&x, &[0, 1], 2), &control, &x);
        let negative = fit(array![[1.0, 2.0], [1.0, -2.0]]);
        match kind {
            Kind::Bernoulli(..) => assert!(negative.is_ok()),
            Kind::Multinomial(..) | Kind::Complement(..) | Kind::Categorical(..) => {
                let error = negative.unwrap_err();
                assert!(matches!(error, Error::Column { column: 1, row: Some(1), .. }), "{error}");
            }
        }
        let infinite = fit(array![[1.0, 2.0], [f64::INFINITY, 2.0]]);
        assert!(matches!(infinite, Err(Error::NotFinite { column: 0 })), "{kind:?}");
        assert!(matches!(fit(array![[1.0]]), Err(Error::Shape(_))));
        let x = array![[1.0], [2.0]];
        let stopped = Control { weights: None, stop: &|| true };
        assert!(matches!(answers(kind, (&x, &[0, 1], 2), &stopped, &x), Err(Error::Stopped)));
        // A row that does not count may hold anything finite.
        let x = array![[1.0], [-2.5]];
        let weighted = Control::weighted(&[1.0, 0.0]);
        assert!(answers(kind, (&x, &[0, 1], 2), &weighted, &x).is_ok(), "{kind:?}");
    }
    for alpha in [-1.0, f64::NAN, f64::INFINITY, 1e200] {
        assert!(MultinomialNaiveBayes::new().alpha(alpha).check().is_err());
        assert!(ComplementNaiveBayes::new().alpha(alpha).check().is_err());
        assert!(BernoulliNaiveBayes::new().alpha(alpha).check().is_err());
        assert!(CategoricalNaiveBayes::new().alpha(alpha).check().is_err());
    }
    assert!(BernoulliNaiveBayes::new().binarize(f64::NAN).check().is_err());
    let x = array![[0.5], [1.0]];
    let half = answers(KINDS[3], (&x, &[0, 1], 2), &control, &x);
    assert!(matches!(half, Err(Error::Column { column: 0, row: Some(0), .. })));
    let x = array![[0.0], [1e15]];
    let large = answers(KINDS[3], (&x, &[0, 1], 2), &control, &x);
    assert!(matches!(large, Err(Error::Memory { .. })));
}

#[test]
fn a_class_without_rows_has_probability_zero() {
    let x = array![[0.0, 3.0], [1.0, 2.0], [5.0, 0.0], [6.0, 1.0]];
    for kind in KINDS {
        let control = Control::plain();
        let (_, probabilities) = answers(kind, (&x, &[0, 0, 2, 2], 4), &control, &x).unwrap();
        assert_probabilities(&probabilities);
        assert!(probabilities.column(1).iter().chain(probabilities.column(3)).all(|p| *p == 0.0));
        let (codes, _) = answers(kind, (&x, &[1; 4], 2), &control, &x).unwrap();
        assert_eq!(codes, [1; 4], "{kind:?} with one class");
    }
}

#[test]
fn a_new_category_has_the_probability_of_a_count_of_zero() {
    let x = array![[0.0], [1.0], [0.0], [2.0]];
    let codes = [0, 0, 1, 1];
    let at = array![[9.0], [f64::NAN], [0.5], [-1.0], [f64::INFINITY]];
    let data = (&x, &codes[..], 2);
    let (_, probabilities) = answers(KINDS[3], data, &Control::plain(), &at).unwrap();
    assert_close(&probabilities, &[0.5; 10], 1e-15);
}

#[test]
fn a_missing_value_is_a_category_of_its_own() {
    let x = array![[f64::NAN], [f64::NAN], [0.0], [1.0]];
    let fit = |levels: Vec<usize>, x: &Array2<f64>| {
        checked(CategoricalNaiveBayes::new().levels(levels))
            .fit_rows(x.view(), &[0, 0, 1, 1], 2, &Control::plain())
            .unwrap()
            .predict_probabilities(array![[f64::NAN], [0.0]].view())
    };
    // Three categories: (2 + 1) / (2 + 3) against (0 + 1) / (2 + 3), and 1 / 5 against 2 / 5.
    let expected = [0.75, 0.25, 1.0 / 3.0, 2.0 / 3.0];
    assert_close(&fit(Vec::new(), &x), &expected, 1e-14);
    assert_close(&fit(vec![2], &x), &expected, 1e-14);
    // The codes of names that no training row has do not count; numbers up to the largest do.
    let gaps = x.mapv(|value| value * 7.0);
    assert_close(&fit(vec![9], &gaps), &expected, 1e-14);
    let numbers = fit(Vec::new(), &gaps);
    assert_close(numbers.row(0), &[0.75, 0.25], 1e-14);
    assert_eq!(fit(vec![9], &x.mapv(|value| 1.0 - value)), fit(vec![9], &x));
}

#[test]
fn tables_of_any_scale_give_probabilities() {
    for (name, x) in awkward_tables() {
        let codes: Vec<u32> = (0..x.nrows() as u32).map(|i| i % 3).collect();
        for kind in KINDS {
            let x = suited(kind, &x);
            let far = &x * 1e9;
            for at in [&x, &far] {
                match answers(kind, (&x, &codes, 3), &Control::plain(), at) {
                    Ok((_, probabilities)) => assert_probabilities(&probabilities),
                    Err(error) => panic!("{kind:?} on {name}: {error}"),
                }
            }
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(20_000, 6, 13) * 9.0;
    let codes = noisy_codes(&x, 3, 13);
    for kind in KINDS {
        let x = suited(kind, &x);
        assert_same_bits(|| {
            let (_, probabilities) = answers(kind, (&x, &codes, 3), &Control::plain(), &x).unwrap();
            probabilities.into_raw_vec_and_offset().0
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_weights_are_repeated_rows(seed in any::<u64>()) {
        let table = uniform(60, 3, seed) * 5.0;
        let codes = noisy_codes(&table, 3, seed);
        let (weights, repeated) = whole_weights(60, seed);
        for kind in KINDS {
            let x = suited(kind, &table);
            let weighted = Control::weighted(&weights);
            let (_, found) = answers(kind, (&x, &codes, 3), &weighted, &x).unwrap();
            let rows = x.select(Axis(0), &repeated);
            let data = (&rows, &pick(&codes, &repeated)[..], 3);
            let (_, expected) = answers(kind, data, &Control::plain(), &x).unwrap();
            assert_probabilities(&found);
            assert_close(&found, &expected.iter().copied().collect::<Vec<_>>(), 1e-10);
        }
    }
}
