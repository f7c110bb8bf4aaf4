//! Solvers made wrong on purpose: a verdict that does not notice is none.

use faer::{Mat, MatRef};
use hsic_data::registry;
use hsic_kernels::features::{Frequencies, RandomFeatures};
use hsic_kernels::linalg::{product, symmetric_eigen};
use hsic_kernels::{Bandwidth, ClassWeight, Labels, all_threads};
use hsic_layer::spectral::FeatureMap;
use hsic_layer::{
    ClosedFormLayer, Context, Embedding, Fit, Layer, LayerSolver, Objective, OutputKind, SpectralLayer,
};
use hsic_net::SolverParams;

use super::*;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Q has the wrong sign: its lowest eigenvectors are taken, and steps go down.
    Sign,
    /// The columns of W_s are not divided by their norms.
    Zeta,
    /// The probe's kernel is not centred.
    Centring,
}

/// A solver with a fault.
#[derive(Debug, Clone, Copy)]
pub(super) struct Faulty {
    pub(super) solver: SolverParams,
    pub(super) fault: Fault,
}

impl LayerSolver for Faulty {
    type Layer = Layer;

    fn name(&self) -> &'static str {
        self.solver.name()
    }

    fn fit(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigma: Bandwidth,
        context: &Context,
    ) -> hsic_layer::Result<Fit<Layer>> {
        let fit = self.solver.fit(input, labels, sigma, context)?;
        match (self.fault, &self.solver) {
            (Fault::Sign, SolverParams::Spectral(solver)) => {
                let fit = solver.fit(input, labels, sigma, context)?;
                Ok(lowest(fit, &input.to_owned(), labels, sigma).expect("shapes fit").erased())
            }
            (Fault::Zeta, SolverParams::ClosedForm(_)) => {
                let layer = fit.layer.downcast_ref::<ClosedFormLayer>().expect("it is one");
                let Embedding::Kernel { anchors, weights } = layer.embedding() else { return Ok(fit) };
                let one = |i: usize, a: usize| if weights[(i, a)] > 0.0 { 1.0 } else { 0.0 };
                let weights = Mat::from_fn(weights.nrows(), weights.ncols(), one);
                let embedding = Embedding::Kernel { anchors: anchors.clone(), weights };
                let layer: Layer = ClosedFormLayer::from_parts(sigma, embedding)?.into();
                let z = layer.project(input, context.par)?;
                Ok(Fit { layer, z, solution: fit.solution })
            }
            _ => Ok(fit),
        }
    }

    fn with_class_weight(self, class_weight: ClassWeight) -> Self {
        Self { solver: self.solver.with_class_weight(class_weight), ..self }
    }

    fn preferred_sigma(
        &self,
        of_metric: Option<Bandwidth>,
        argmax: &dyn Fn() -> hsic_layer::Result<Bandwidth>,
    ) -> hsic_layer::Result<Bandwidth> {
        self.solver.preferred_sigma(of_metric, argmax)
    }

    fn metric_sigma(
        &self,
        sigma: Bandwidth,
        argmax: &dyn Fn() -> hsic_layer::Result<Bandwidth>,
    ) -> hsic_layer::Result<Bandwidth> {
        self.solver.metric_sigma(sigma, argmax)
    }

    fn self_excluded(&self) -> Option<Self> {
        self.solver.self_excluded().map(|solver| Self { solver, ..*self })
    }

    fn output(&self, asked: OutputKind) -> OutputKind {
        self.solver.output(asked)
    }
}

/// The layer with the lowest eigenvectors of Q in place of the highest.
pub(super) fn lowest(
    fit: Fit<SpectralLayer>,
    input: &Mat<f64>,
    labels: &Labels,
    sigma: Bandwidth,
) -> Result<Fit<SpectralLayer>> {
    let objective = Objective::new(input.as_ref(), labels, sigma, ClassWeight::Plain, all_threads())
        .map_err(hsic_net::Error::from)?;
    let w = fit.layer.weights();
    let q = objective.q_matrix(w).map_err(hsic_net::Error::from)?;
    let (_, vectors) = symmetric_eigen(q.as_ref())?;
    let w = vectors.subcols(vectors.ncols() - w.ncols(), w.ncols()).to_owned();
    let z = product(input.as_ref(), w.as_ref());
    let mut rng = Context::default().rng();
    let map = RandomFeatures::draw(w.ncols(), 300, sigma, Frequencies::Independent, &mut rng)?;
    let layer =
        SpectralLayer::from_parts(sigma, w, FeatureMap::Random(map)).map_err(hsic_net::Error::from)?;
    Ok(Fit { layer, z, solution: fit.solution })
}

fn verdicts(fault: Option<Fault>) -> [Verdict; 7] {
    let dataset = registry::load("wine", 0, None).unwrap();
    let data = Data { fault, ..rows_of(&dataset).unwrap() };
    let mut report = empty(&dataset, 0);
    check(&data, 0, &|_| (), &mut report).unwrap();
    [1, 2, 3, 4, 5, 6, 7].map(|claim| report.verdict(claim))
}

#[test]
fn every_verdict_notices_a_solver_made_wrong() {
    use Verdict::{Failed, Holds, PremiseNotReached, RefutedAsPrinted};
    let right = verdicts(None);
    assert_eq!(right, [Holds, Holds, Holds, Holds, Holds, Holds, RefutedAsPrinted]);
    let zeta = verdicts(Some(Fault::Zeta));
    assert_eq!(zeta[0], Failed, "{zeta:?}");
    let centring = verdicts(Some(Fault::Centring));
    assert_eq!(centring[3], Failed, "{centring:?}");
    let sign = verdicts(Some(Fault::Sign));
    assert_eq!((sign[1], sign[2]), (PremiseNotReached, PremiseNotReached), "{sign:?}");
    assert_eq!(sign[4..], [Failed, Failed, Failed], "{sign:?}");
}
