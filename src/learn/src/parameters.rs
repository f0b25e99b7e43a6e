//! Writes what linfa's traits ask of every estimator: the pair of parameter types, and the
//! implementations that lead from a linfa dataset to `fit_rows` and `predict_rows`.

/// An unchecked builder and its checked counterpart; the latter needs a method
/// `validate(&self) -> Result<(), Error>`.
macro_rules! parameters {
    (
        $(#[$doc:meta])*
        $name:ident => $checked:ident {
            $( $(#[$field_doc:meta])* $field:ident : $type:ty = $default:expr ),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name($checked);

        #[doc = concat!("Parameters of [`", stringify!($name), "`] that are known to be in range.")]
        #[derive(Clone, Debug, PartialEq)]
        pub struct $checked {
            $( $field: $type ),*
        }

        impl Default for $name {
            fn default() -> Self {
                Self($checked { $( $field: $default ),* })
            }
        }

        impl $name {
            /// The default parameters.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            $(
                $(#[$field_doc])*
                #[must_use]
                pub fn $field(mut self, $field: $type) -> Self {
                    self.0.$field = $field;
                    self
                }
            )*
        }

        impl linfa::ParamGuard for $name {
            type Checked = $checked;
            type Error = $crate::Error;

            fn check_ref(&self) -> Result<&$checked, $crate::Error> {
                self.0.validate()?;
                Ok(&self.0)
            }

            fn check(self) -> Result<$checked, $crate::Error> {
                self.0.validate()?;
                Ok(self.0)
            }
        }
    };
}

/// linfa's `Fit` and `PredictInplace` for a target of `f64` values.
macro_rules! linfa_regressor {
    ($checked:ty, $model:ty) => {
        impl<D, T> linfa::traits::Fit<ndarray::ArrayBase<D, ndarray::Ix2>, T, $crate::Error>
            for $checked
        where
            D: ndarray::Data<Elem = f64>,
            T: linfa::dataset::AsSingleTargets<Elem = f64>,
        {
            type Object = $model;

            fn fit(
                &self,
                dataset: &linfa::DatasetBase<ndarray::ArrayBase<D, ndarray::Ix2>, T>,
            ) -> Result<$model, $crate::Error> {
                let weights = $crate::input::dataset_weights(dataset.weights());
                let control =
                    $crate::Control { weights: weights.as_deref(), ..$crate::Control::plain() };
                self.fit_rows(dataset.records.view(), dataset.targets.as_targets(), &control)
            }
        }

        impl<D: ndarray::Data<Elem = f64>>
            linfa::traits::PredictInplace<ndarray::ArrayBase<D, ndarray::Ix2>, ndarray::Array1<f64>>
            for $model
        {
            fn predict_inplace<'a>(
                &'a self,
                x: &'a ndarray::ArrayBase<D, ndarray::Ix2>,
                y: &mut ndarray::Array1<f64>,
            ) {
                *y = self.predict_rows(x.view());
            }

            fn default_target(
                &self,
                x: &ndarray::ArrayBase<D, ndarray::Ix2>,
            ) -> ndarray::Array1<f64> {
                ndarray::Array1::zeros(x.nrows())
            }
        }
    };
}

/// linfa's `Fit` and `PredictInplace` for a target of class codes.
macro_rules! linfa_classifier {
    ($checked:ty, $model:ty) => {
        impl<D, T> linfa::traits::Fit<ndarray::ArrayBase<D, ndarray::Ix2>, T, $crate::Error>
            for $checked
        where
            D: ndarray::Data<Elem = f64>,
            T: linfa::dataset::AsSingleTargets<Elem = usize>,
        {
            type Object = $model;

            fn fit(
                &self,
                dataset: &linfa::DatasetBase<ndarray::ArrayBase<D, ndarray::Ix2>, T>,
            ) -> Result<$model, $crate::Error> {
                let weights = $crate::input::dataset_weights(dataset.weights());
                let control =
                    $crate::Control { weights: weights.as_deref(), ..$crate::Control::plain() };
                let (codes, classes) =
                    $crate::input::codes_of_labels(dataset.targets.as_targets())?;
                self.fit_rows(dataset.records.view(), &codes, classes, &control)
            }
        }

        impl<D: ndarray::Data<Elem = f64>>
            linfa::traits::PredictInplace<
                ndarray::ArrayBase<D, ndarray::Ix2>,
                ndarray::Array1<usize>,
            > for $model
        {
            fn predict_inplace<'a>(
                &'a self,
                x: &'a ndarray::ArrayBase<D, ndarray::Ix2>,
                y: &mut ndarray::Array1<usize>,
            ) {
                *y = self.predict_rows(x.view()).mapv(|code| code as usize);
            }

            fn default_target(
                &self,
                x: &ndarray::ArrayBase<D, ndarray::Ix2>,
            ) -> ndarray::Array1<usize> {
                ndarray::Array1::zeros(x.nrows())
            }
        }
    };
}
