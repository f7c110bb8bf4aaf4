//! The table: every hyperparameter once, with its type, the values it may have and a line of documentation.
//!
//! A hyperparameter of a network is an entry of `general`, one of a solver an entry of its network. `params` fields have the name
//! of the field of [`NetworkParams`] that they set, `solver` fields that of the solver; `special` fields are given their
//! meaning in the module above.

use hsic_kernels::ClassWeight;
use hsic_layer::{ClosedForm, OutputKind, Spectral, WidthRule};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::words::{Features, SelectionRule, or_none};
use super::{Allowed, Field, Problem, expand, fields_of, value_of};
use crate::{HeadKind, NetworkParams, SolverParams};

/// Puts the hyperparameters that both networks have before those of one.
macro_rules! general {
    ($($own:tt)*) => {
        settings! {
            special {
                selection: SelectionRule, Allowed::Words(SelectionRule::NAMES),
                    "how a layer's bandwidth is chosen; `cv` chooses the hyperparameters of the table `cv`";
                #[serde(skip_serializing_if = "Option::is_none")]
                sigma: Option<f64>, Allowed::Positive,
                    "one bandwidth for every layer in place of a selection";
                features: Features, Allowed::Words(Features::NAMES),
                    "the map between layers";
                n_features: usize, Allowed::Even,
                    "number of random features";
                in_blocks: bool, Allowed::Flag,
                    "whether layers are fitted in passes over blocks of rows";
            }
            params {
                bandwidth_scale: f64, Allowed::Positive,
                    "factor on the selected bandwidth";
                class_weight: ClassWeight, Allowed::Words(ClassWeight::NAMES),
                    "how classes count in the objective";
                head: HeadKind, Allowed::Head(HeadKind::NAMES),
                    "from the last layer's output to a class";
                max_layers: usize, Allowed::AtLeast(0),
                    "most layers; 0 leaves the input to the head";
                target_hsic: f64, Allowed::Target,
                    "H* at which stacking stops";
                #[serde(with = "or_none")]
                target_silhouette: Option<f64>, Allowed::Silhouette,
                    "mean silhouette of Z at which stacking stops";
                min_gain: f64, Allowed::Gain,
                    "gain in H* that counts as one";
                patience: usize, Allowed::AtLeast(1),
                    "layers without gain before stacking stops";
                candidates: usize, Allowed::AtLeast(2),
                    "bandwidths tried a layer, by the selections that try several";
                beam_width: usize, Allowed::AtLeast(1),
                    "partial stacks that go on, by the selections that look ahead";
                subsample_rows: usize, Allowed::AtLeast(2),
                    "rows of the subsample on which a bandwidth is chosen";
                sample_rows: usize, Allowed::AtLeast(2),
                    "rows of the sample on which a fit in blocks chooses bandwidths and starts";
            }
            $($own)*
        }
    };
}

macro_rules! settings {
    (
        special { $($(#[$s_meta:meta])* $special:ident: $s_type:ty, $s_allowed:expr, $s_doc:literal;)* }
        params { $($(#[$p_meta:meta])* $param:ident: $p_type:ty, $p_allowed:expr, $p_doc:literal;)* }
        network $network:literal, $settings:ident, $grid:ident, $solver:ident::$variant:ident, $base:ident;
        own special { $($own_special:ident: $os_type:ty, $os_allowed:expr, $os_doc:literal;)* }
        own params { $($own_param:ident: $op_type:ty, $op_allowed:expr, $op_doc:literal;)* }
        own solver { $($own:ident: $o_type:ty, $o_allowed:expr, $o_doc:literal;)* }
        cv { $($axis:ident of $of:ident: $a_type:ty = $values:expr;)* }
    ) => {
        #[doc = concat!("Hyperparameters of the ", $network, " network: the table `[", $network, "]` of an experiment file.")]
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields, expecting = "a table")]
        pub struct $settings {
            $(#[doc = $s_doc] $(#[$s_meta])* pub $special: $s_type,)*
            $(#[doc = $p_doc] $(#[$p_meta])* pub $param: $p_type,)*
            $(#[doc = $op_doc] pub $own_param: $op_type,)*
            $(#[doc = $o_doc] pub $own: $o_type,)*
            $(#[doc = $os_doc] pub $own_special: $os_type,)*
            /// What [`SelectionRule::Cv`] chooses from.
            pub cv: $grid,
        }

        #[doc = concat!("What `selection = \"cv\"` of the ", $network, " network chooses from: the table `[", $network, ".cv]`.")]
        ///
        /// Every combination is a candidate, the first list varying slowest; of candidates that score alike the first is taken. An
        /// empty list stands for the value of the key outside.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields, expecting = "a table")]
        pub struct $grid {
            /// Folds of the inner cross-validation, at least 2.
            pub inner_folds: usize,
            $(#[doc = concat!("Values of `", stringify!($of), "`.")] pub $axis: Vec<$a_type>,)*
        }

        impl Default for $grid {
            fn default() -> Self {
                Self { inner_folds: 5, $($axis: $values,)* }
            }
        }

        impl Default for $settings {
            /// Those of the network's constructor.
            fn default() -> Self {
                Self::of(&NetworkParams::$base(), &$solver::default())
            }
        }

        impl $settings {
            /// The keys that belong to the solver alone.
            pub(super) const OF_SOLVER: &[&str] =
                &["features", "n_features", $(stringify!($own),)* $(stringify!($own_special),)*];

            /// The hyperparameters, what is known of each, in the order of a file.
            pub fn fields() -> Vec<Field> {
                let axes = [$((stringify!($of), stringify!($axis)),)*];
                let entries = [
                    $((stringify!($special), $s_doc, $s_allowed),)*
                    $((stringify!($param), $p_doc, $p_allowed),)*
                    $((stringify!($own_param), $op_doc, $op_allowed),)*
                    $((stringify!($own), $o_doc, $o_allowed),)*
                    $((stringify!($own_special), $os_doc, $os_allowed),)*
                ];
                fields_of(&entries, &axes, &value_of(&Self::default()))
            }

            /// The hyperparameters of a network with this solver, and the grid's defaults.
            pub fn of<S>(params: &NetworkParams<S>, solver: &$solver) -> Self {
                let own = NetworkParams::$base();
                let (features, n_features) = Self::features_of(solver);
                Self {
                    selection: SelectionRule::of(params.selection, own.selection),
                    sigma: super::fixed(params.selection),
                    features,
                    n_features,
                    in_blocks: false,
                    $($param: params.$param,)*
                    $($own_param: params.$own_param,)*
                    $($own: solver.$own,)*
                    $($own_special: Self::$own_special(solver),)*
                    cv: $grid::default(),
                }
            }

            /// The network; its seed is 0.
            ///
            /// # Errors
            /// The first value that is not allowed, or that does not go with another.
            pub fn params(&self) -> Result<NetworkParams, Problem> {
                let base = NetworkParams::$base();
                let solver = self.with_features($solver { $($own: self.$own,)* ..$solver::default() });
                super::check_features(self.n_features)?;
                super::check_blocks(self.in_blocks, self.features, self.selection, self.max_layers)?;
                let selection = super::selection(self.selection, self.sigma, base.selection)?;
                let params = NetworkParams {
                    solver: SolverParams::$variant(solver),
                    selection,
                    $($param: self.$param,)*
                    $($own_param: self.$own_param,)*
                    ..base
                };
                params.check()?;
                self.check_own()?;
                Ok(params)
            }

            /// Every network the grid describes.
            ///
            /// # Errors
            /// As [`params`](Self::params), and for a list with a value twice.
            pub fn candidates(&self) -> Result<Vec<NetworkParams>, Problem> {
                self.check_grid()?;
                let mut all = vec![self.clone()];
                $(all = expand(all, &self.cv.$axis, |settings, value| settings.$of = value.clone());)*
                all.iter().map(Self::params).collect()
            }

            /// Checks every value, those of the grid too.
            ///
            /// # Errors
            /// As [`candidates`](Self::candidates).
            pub fn check(&self) -> Result<(), Problem> {
                self.params()?;
                if self.selection == SelectionRule::Cv && self.sigma.is_some() {
                    let message = "cannot stand beside selection = \"cv\", which chooses the bandwidth";
                    return Err(Problem::new("sigma", message));
                }
                self.check_grid()
            }

            fn check_grid(&self) -> Result<(), Problem> {
                if self.cv.inner_folds < 2 {
                    let message = format!("must be at least 2, got {}", self.cv.inner_folds);
                    return Err(Problem::new("cv.inner_folds", message));
                }
                $(
                    let axis = concat!("cv.", stringify!($axis));
                    for (i, value) in self.cv.$axis.iter().enumerate() {
                        // candidates are fitted in memory
                        let one = Self { $of: value.clone(), in_blocks: false, ..self.clone() };
                        one.params().map_err(|problem| problem.in_axis(stringify!($of), axis))?;
                        if self.cv.$axis[..i].contains(value) {
                            return Err(Problem::new(axis, "names a value twice"));
                        }
                    }
                )*
                Ok(())
            }

            /// Takes what is given out of the grid, whatever its list has: the value outside is the one that counts. `is_given` is asked
            /// for the keys of the table.
            pub fn fix(&mut self, is_given: impl Fn(&str) -> bool) {
                $(
                    let fixed = is_given(stringify!($of)) || (stringify!($of) == "bandwidth_scale" && self.sigma.is_some());
                    if fixed {
                        self.cv.$axis.clear();
                    }
                )*
            }

            /// The keys of the table that have more than one value in the grid, or another one than outside.
            pub fn searched(&self) -> Vec<&'static str> {
                let mut searched = Vec::new();
                $(if !self.cv.$axis.is_empty() && self.cv.$axis[..] != [self.$of.clone()] {
                    searched.push(stringify!($of));
                })*
                searched
            }

            /// The values that the grid chooses of, by name.
            pub fn chosen(&self) -> Map<String, Value> {
                let all = value_of(self);
                [$(stringify!($of),)*].into_iter().map(|name| (name.to_owned(), all[name].clone())).collect()
            }

            /// The hyperparameters by name: `settings` in files. The grid is one where something is chosen from it.
            pub fn to_json(&self) -> Value {
                let mut all = value_of(self);
                if let Some(keys) = all.as_object_mut().filter(|_| self.selection != SelectionRule::Cv) {
                    keys.shift_remove("cv");
                }
                all
            }
        }
    };
}

general! {
    network "spectral", SpectralSettings, SpectralGrid, Spectral::Spectral, spectral;
    own special {
        exact_tolerance: f64, Allowed::Share,
            "share of the largest eigenvalue below which `exact` features leave directions out";
    }
    own params {
        output: OutputKind, Allowed::Words(OutputKind::NAMES),
            "what the head sees of the last layer";
    }
    own solver {
        width: WidthRule, Allowed::Width,
            "columns of a layer";
        tolerance: f64, Allowed::Share,
            "relative gain of the objective at which a layer's ascent stops; in blocks 1/n_features, if that is more";
        max_iterations: usize, Allowed::AtLeast(1),
            "most steps of a layer's ascent";
        rank_tolerance: f64, Allowed::Share,
            "share of the largest singular value below which directions of a layer's input are left out";
    }
    cv {
        bandwidth_scales of bandwidth_scale: f64 = vec![1.0, 0.8, 0.63, 0.5, 0.4, 0.32];
        widths of width: WidthRule = vec![WidthRule::SingularShare(0.5), WidthRule::SingularShare(0.8)];
        class_weights of class_weight: ClassWeight = vec![ClassWeight::Balanced];
        max_layers of max_layers: usize = vec![1, 2, 3];
        outputs of output: OutputKind = vec![OutputKind::Kernel];
        heads of head: HeadKind = vec![HeadKind::Bayes, HeadKind::Knn { k: 5 }, HeadKind::Knn { k: 1 }];
    }
}

general! {
    network "closed-form", ClosedFormSettings, ClosedFormGrid, ClosedForm::ClosedForm, closed_form;
    own special {}
    own params {}
    own solver {
        self_excluded: bool, Allowed::Flag,
            "whether a training row's own kernel term is left out of its activation";
    }
    cv {
        bandwidth_scales of bandwidth_scale: f64 = vec![1.0, 0.7, 0.5, 0.35, 0.25];
        class_weights of class_weight: ClassWeight = vec![ClassWeight::Balanced];
        self_excluded of self_excluded: bool = vec![true];
        max_layers of max_layers: usize = vec![1, 2, 3];
        heads of head: HeadKind = vec![HeadKind::Bayes, HeadKind::Knn { k: 5 }, HeadKind::Knn { k: 1 }];
    }
}
