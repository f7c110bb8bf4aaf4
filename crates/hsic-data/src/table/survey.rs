//! What a pass over a training table tells once its columns are typed.

use std::sync::Arc;

use faer::{Mat, Par};

use super::{
    Codec, Encoded, Evidence, Heading, InferOptions, MissingCells, Schema, Source, Spread, fold_batches,
    nearly_tells, oddities, rounded,
};
use crate::warning::Rounding;
use crate::{DataWarning, Result};

/// Rows of every class, missing cells, rows left out, and what is odd about the columns.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Rows of every class.
    pub counts: Vec<usize>,
    /// What is missing in the rows kept.
    pub missing: MissingCells,
    /// Rows left out.
    pub dropped: usize,
    rounding: Vec<Rounding>,
    /// What all rows say of the columns; nothing of no row.
    evidence: Option<Evidence>,
    /// Some rows, to see whether a column nearly tells their classes.
    spread: Spread,
}

impl Survey {
    /// Of the rest of the rows of a source, and hands them over in their order.
    ///
    /// # Errors
    /// That of the first row that cannot be encoded, any error of the source.
    ///
    /// # Cost
    /// One pass; a block a thread is held.
    pub(crate) fn of(
        source: &mut Source<'_>,
        codec: &Codec,
        par: Par,
        mut keep: impl FnMut(Mat<f64>, &Encoded),
    ) -> Result<Self> {
        let (schema, heading) = (codec.schema(), Arc::clone(source.heading()));
        let mut all = Self {
            counts: vec![0; schema.classes().len()],
            missing: MissingCells::default(),
            dropped: 0,
            rounding: codec.start().rounding().to_vec(),
            evidence: None,
            spread: Spread::new(schema.encoded_width()),
        };
        let width = schema.encoded_width();
        let of_batch = |so_far: &Self, rows| {
            let encoded = codec.encode(rows, &heading)?;
            let rows = encoded.features(width);
            let missing = MissingCells::of(schema, &rows);
            let evidence =
                Evidence::of(schema, |i, j| rows[(i, j)], encoded.codes(), so_far.evidence.as_ref());
            Ok((encoded, rows, missing, evidence))
        };
        fold_batches(source, par, &mut all, of_batch, |all, (encoded, rows, missing, evidence)| {
            all.spread.see(rows.as_ref(), encoded.codes());
            match &mut all.evidence {
                Some(all) => all.merge(evidence),
                None => all.evidence = Some(evidence),
            }
            encoded.codes().iter().for_each(|&code| all.counts[code] += 1);
            all.missing.merge(missing);
            all.dropped += encoded.dropped();
            all.rounding.iter_mut().zip(encoded.rounding()).for_each(|(all, part)| all.merge(part));
            keep(rows, &encoded);
            Ok(())
        })?;
        all.missing.sort(schema);
        Ok(all)
    }

    /// Numbers that were rounded and categories that were passed over.
    pub(crate) fn rounded(&self, schema: &Schema) -> Vec<DataWarning> {
        rounded(schema, &self.rounding)
    }

    /// All that is odd about a table that is learnt from; `told` was odd when its columns were typed.
    pub(crate) fn warnings(
        self,
        told: Vec<DataWarning>,
        schema: &Schema,
        heading: &Heading,
        infer: &InferOptions,
    ) -> Vec<DataWarning> {
        let rounded = self.rounded(schema);
        let of_columns = self.evidence.map(|evidence| evidence.warnings(schema)).unwrap_or_default();
        let nearly = nearly_tells(schema, &self.spread, &of_columns);
        let told = [told, rounded, of_columns, nearly].concat();
        oddities(heading, schema, &self.counts, self.dropped, told, infer)
    }
}
