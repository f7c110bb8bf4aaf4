//! What a model makes of rows, and which of them it cannot take.

use faer::{Mat, MatRef, Par};

use crate::error::{BadRow, RowProblem};
use crate::{Error, Model, Result};

/// What is computed of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// log p(class | row), as [`Model::predict_log_proba`].
    LogProba,
    /// Z after a layer, counted from 1, as [`Model::transform`].
    Projected(usize),
    /// R after a layer, counted from 1, as [`Model::activate`].
    Activated(usize),
}

/// The outputs of the rows that have one.
#[derive(Debug)]
pub struct Outputs {
    /// The outputs, a row each, in the order of the rows.
    pub values: Mat<f64>,
    /// The rows that have none, ascending.
    pub bad: Vec<BadRow>,
}

impl Model {
    /// An output of every encoded row that has one, and the rows the model cannot take: those beyond the range of a 64-bit float
    /// once they are standardised, or somewhere within the network.
    ///
    /// # Errors
    /// [`Error::Width`], [`Error::Layer`], and any error that is not one row's fault.
    ///
    /// # Cost
    /// Without bad rows that of the output; each bad row costs about log₂ n parts of the rows again.
    pub fn outputs(&self, rows: MatRef<'_, f64>, output: Output, par: Par) -> Result<Outputs> {
        let failure = match self.output(rows, output, par) {
            Ok(Some(values)) => return Ok(Outputs { values, bad: Vec::new() }),
            Ok(None) => None,
            Err(error @ (Error::Width { .. } | Error::Layer { .. })) => return Err(error),
            Err(error) => Some(error),
        };
        if rows.nrows() == 0 {
            return Ok(Outputs { values: Mat::zeros(0, self.width(output)?), bad: Vec::new() });
        }
        let mut bad = Vec::new();
        let mut parts = vec![(0, rows.nrows())];
        // halves, first to last, until a half has an output or is one row
        while let Some((start, n)) = parts.pop() {
            if n == 0 || matches!(self.output(rows.subrows(start, n), output, par), Ok(Some(_))) {
                continue;
            }
            if n == 1 {
                bad.push(self.bad_row(rows, start));
            } else {
                parts.extend([(start + n / 2, n - n / 2), (start, n / 2)]);
            }
        }
        let is_bad = |row: &usize| bad.binary_search_by_key(row, |bad: &BadRow| bad.row).is_ok();
        let good: Vec<usize> = (0..rows.nrows()).filter(|row| !is_bad(row)).collect();
        if good.is_empty() {
            return Ok(Outputs { values: Mat::zeros(0, self.width(output)?), bad });
        }
        let picked = Mat::from_fn(good.len(), rows.ncols(), |i, j| rows[(good[i], j)]);
        match (bad.is_empty(), self.output(picked.as_ref(), output, par)?) {
            (false, Some(values)) => Ok(Outputs { values, bad }),
            // each row alone has an output, all together have none
            _ => Err(failure.unwrap_or(Error::NoOutput)),
        }
    }

    /// [`Model::outputs`] of all rows.
    ///
    /// # Errors
    /// [`Error::Row`] with the first that has none.
    pub(crate) fn every_output(&self, rows: MatRef<'_, f64>, output: Output, par: Par) -> Result<Mat<f64>> {
        let Outputs { values, bad } = self.outputs(rows, output, par)?;
        match bad.into_iter().next() {
            Some(first) => Err(Error::Row(Box::new(first))),
            None => Ok(values),
        }
    }

    /// The outputs; `None` where one is no number.
    fn output(&self, rows: MatRef<'_, f64>, output: Output, par: Par) -> Result<Option<Mat<f64>>> {
        let layer = match output {
            Output::LogProba => None,
            Output::Projected(layer) | Output::Activated(layer) => Some((layer, self.layer(layer)?)),
        };
        let x = self.preprocessing.transform(rows)?;
        let Some((number, layer)) = layer else {
            let log_proba = self.network.predict_log_proba(x.as_ref(), par)?;
            // −∞ is the logarithm of a probability of 0, but not of all of them
            let is_sound = |i: usize| {
                let row = || log_proba.row(i).iter();
                row().all(|value| !value.is_nan()) && row().any(|value| value.is_finite())
            };
            return Ok((0..log_proba.nrows()).all(is_sound).then_some(log_proba));
        };
        let z = self.network.transform_layers(x.as_ref(), par)?.swap_remove(number - 1);
        let values = match output {
            Output::Activated(_) => layer.activate(z.as_ref(), par).map_err(hsic_net::Error::from)?,
            _ => z,
        };
        let finite = values.col_iter().all(|column| column.iter().all(|value| value.is_finite()));
        Ok(finite.then_some(values))
    }

    /// Columns of an output.
    fn width(&self, output: Output) -> Result<usize> {
        Ok(match output {
            Output::LogProba => self.schema().classes().len(),
            Output::Projected(layer) => self.layer(layer)?.width(),
            Output::Activated(layer) => self.layer(layer)?.activation_width(),
        })
    }

    /// What is wrong with a row: the column that is furthest from the training rows.
    fn bad_row(&self, rows: MatRef<'_, f64>, row: usize) -> BadRow {
        let one = rows.subrows(row, 1);
        let named = |column: usize| self.schema().encoded_names().swap_remove(column);
        match self.preprocessing.transform(one) {
            Err(Error::Data(hsic_data::Error::Overflow { column, value, mean, std, .. })) => {
                BadRow { row, column: named(column), problem: RowProblem::Overflow { value, mean, std } }
            }
            Err(_) => {
                let fill = self.preprocessing.fill();
                let is_wrong = |column: &usize| match one[(0, *column)] {
                    value if value.is_nan() => fill.is_none(),
                    value => !value.is_finite(),
                };
                let column = (0..one.ncols()).find(is_wrong).unwrap_or(0);
                let problem = RowProblem::NonFinite { value: one[(0, column)] };
                BadRow { row, column: named(column), problem }
            }
            Ok(x) => {
                let far = |a: &usize, b: &usize| x[(0, *a)].abs().total_cmp(&x[(0, *b)].abs());
                let furthest = (0..x.ncols()).max_by(far).unwrap_or(0);
                let column = self.preprocessing.scaler().kept()[furthest];
                let (value, standardised) = (rows[(row, column)], x[(0, furthest)]);
                BadRow { row, column: named(column), problem: RowProblem::Network { value, standardised } }
            }
        }
    }
}
