use linfa::ParamGuard;
use mlspec_learn::*;
use ndarray::*;
use std::time::Instant;
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    f[11].parse::<f64>().unwrap() / 100.0
}
fn peak() -> String {
    let s = std::fs::read_to_string("/proc/self/status").unwrap();
    s.lines().find(|l| l.starts_with("VmHWM")).unwrap().to_owned()
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (t, kind) = (&args[1], &args[2]);
    let seeds: u64 = args.get(3).map_or(1, |s| s.parse().unwrap());
    let bytes = std::fs::read(format!("/tmp/trees-scratch/{t}.bin")).unwrap();
    let all: Vec<f64> = bytes.chunks(8).map(|c| f64::from_le_bytes(c.try_into().unwrap())).collect();
    let rows = all.len() / 21;
    let a = Array2::from_shape_fn((rows, 21).f(), |(i, j)| all[i * 21 + j]);
    drop((bytes, all));
    let n = rows * 3 / 4;
    let x = a.slice(s![..n, ..20]);
    let xt = a.slice(s![n.., ..20]);
    let y = a.slice(s![..n, 20]).to_owned();
    let yt = a.slice(s![n.., 20]).to_owned();
    let clf = t.contains("clf");
    let codes: Vec<u32> = y.iter().map(|v| *v as u32).collect();
    let control = Control::plain();
    for seed in 0..seeds {
        let c0 = cpu();
        let t0 = Instant::now();
        let mut t1 = t0;
        let mut t2 = t0;
        let mut c1 = c0;
        macro_rules! go {
            ($m:expr, C) => {{
                let m = $m.check().unwrap().fit_rows(x, &codes, 2, &control).unwrap();
                t1 = Instant::now();
                let p = m.predict_rows(xt);
                t2 = Instant::now();
                c1 = cpu();
                p.iter().zip(&yt).filter(|(a, b)| **a as f64 == **b).count() as f64 / yt.len() as f64
            }};
            ($m:expr, R) => {{
                let m = $m.check().unwrap().fit_rows(x, y.view(), &control).unwrap();
                t1 = Instant::now();
                let p = m.predict_rows(xt);
                t2 = Instant::now();
                c1 = cpu();
                let mean = yt.mean().unwrap();
                1.0 - (&p - &yt).mapv(|v| v * v).sum() / yt.mapv(|v| (v - mean).powi(2)).sum()
            }};
        }
        let score = match (kind.as_str(), clf) {
            ("tree", true) => go!(DecisionTreeClassifier::new(), C),
            ("tree8", true) => go!(DecisionTreeClassifier::new().max_depth(Some(8)), C),
            ("tree", false) => go!(DecisionTreeRegressor::new(), R),
            ("tree8", false) => go!(DecisionTreeRegressor::new().max_depth(Some(8)), R),
            ("forest", true) => go!(RandomForestClassifier::new().seed(seed), C),
            ("forest", false) => go!(RandomForestRegressor::new().seed(seed), R),
            ("forestoob", true) => go!(RandomForestClassifier::new().seed(seed).oob_score(true), C),
            ("forestoob", false) => go!(RandomForestRegressor::new().seed(seed).oob_score(true), R),
            ("extra", true) => go!(RandomForestClassifier::new().seed(seed).splitter(tree::Splitter::Random).bootstrap(false), C),
            ("extra", false) => go!(RandomForestRegressor::new().seed(seed).splitter(tree::Splitter::Random).bootstrap(false), R),
            _ => panic!(),
        };
        println!("rs {t} {kind} seed {seed} fit {:.3} predict {:.3} user {:.2} score {score:.4} {}", (t1 - t0).as_secs_f64(), (t2 - t1).as_secs_f64(), c1 - c0, peak());
    }
}
