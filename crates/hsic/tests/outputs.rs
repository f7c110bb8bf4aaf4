//! Rows that a model cannot take: found one by one, named by their column, and the others have the outputs they have alone.

use faer::{Mat, MatRef, Par};
use hsic::{BadRow, Error, Model, Output, RowProblem};
use hsic_data::table::{Content, InferOptions, SourceOptions, Table};
use hsic_net::NetworkParams;

const COLUMNS: usize = 20;

/// Twenty columns of deviation 1 or more, so that the largest numbers can be standardised and their sums cannot be held.
fn table() -> Table {
    let names: Vec<String> = (0..COLUMNS).map(|k| format!("c{k}")).collect();
    let mut csv = names.join(",") + ",kind\n";
    for i in 0..60 {
        // ±1.1, with the class more often than not
        let cell = |k: usize| {
            let noise = (i * 31 + k * 17 + i * i * k) % 7 < 2;
            if (i % 2 == 0) ^ noise { "1.1" } else { "-1.1" }.to_string()
        };
        csv += &((0..COLUMNS).map(cell).collect::<Vec<_>>().join(",") + [",a\n", ",b\n"][i % 2]);
    }
    let content = Content::from_bytes(csv.into_bytes(), "t.csv").unwrap();
    Table::read(&content, &SourceOptions::default(), &InferOptions::default()).unwrap()
}

fn models() -> [Model; 2] {
    [NetworkParams::spectral(), NetworkParams::closed_form()]
        .map(|params| Model::fit(&table(), &NetworkParams { max_layers: 2, ..params }, Par::Seq).unwrap())
}

/// Good rows, every fourth of the largest numbers there are with signs in all sorts.
fn rows() -> Mat<f64> {
    let good = table().features;
    Mat::from_fn(48, COLUMNS, |i, k| {
        if i % 4 == 3 {
            let sign = if (i * 2654435761 + k * 40503 + i * k * 97) >> 7 & 1 == 0 { 1.0 } else { -1.0 };
            sign * f64::MAX
        } else {
            good[(i, k)]
        }
    })
}

fn bits(x: MatRef<'_, f64>) -> Vec<u64> {
    x.row_iter().flat_map(|row| row.iter().map(|value| value.to_bits()).collect::<Vec<_>>()).collect()
}

#[test]
fn bad_rows_are_found_and_the_others_are_as_without_them() {
    let rows = rows();
    for (index, model) in models().into_iter().enumerate() {
        let mut found = 0;
        for output in [Output::LogProba, Output::Projected(1), Output::Activated(1)] {
            let outputs = model.outputs(rows.as_ref(), output, Par::Seq).unwrap();
            let bad: Vec<usize> = outputs.bad.iter().map(|bad| bad.row).collect();
            found += bad.len();
            assert!(bad.iter().all(|row| row % 4 == 3), "{bad:?}");
            let good: Vec<usize> = (0..48).filter(|row| !bad.contains(row)).collect();
            let picked = Mat::from_fn(good.len(), COLUMNS, |i, k| rows[(good[i], k)]);
            let expected = model.outputs(picked.as_ref(), output, Par::Seq).unwrap();
            assert!(expected.bad.is_empty());
            assert_eq!(bits(outputs.values.as_ref()), bits(expected.values.as_ref()));
            for BadRow { row, column, problem } in &outputs.bad {
                assert!(column.starts_with('c'));
                let RowProblem::Network { value, standardised } = problem else { panic!("{problem}") };
                assert_eq!(value.abs(), f64::MAX);
                assert!(standardised.abs() > 1e307);
                // alone it is bad too
                let alone = model.outputs(rows.as_ref().subrows(*row, 1), output, Par::Seq).unwrap();
                assert_eq!((alone.values.nrows(), alone.bad.len()), (0, 1));
                assert_eq!(alone.values.ncols(), outputs.values.ncols());
            }
        }
        // a closed-form layer takes kernels, or cosines, of any distance
        assert_eq!(found > 0, index == 0, "{found} rows overflow within the network");
    }
}

#[test]
fn the_first_bad_row_is_the_error() {
    let mut rows = rows();
    let [spectral, _] = models();
    rows[(2, 3)] = f64::INFINITY;
    let error = spectral.predict(rows.as_ref(), Par::Seq).unwrap_err();
    let Error::Row(bad) = &error else { panic!("{error}") };
    assert_eq!((bad.row, bad.column.as_str()), (2, "c3"));
    assert_eq!(error.to_string(), "row 2, column `c3`: inf is not finite; correct or remove the row");
    let narrow = rows.as_ref().subcols(0, 3);
    let error = spectral.outputs(narrow, Output::LogProba, Par::Seq).unwrap_err();
    assert_eq!(error.to_string(), "the model takes rows of 20 encoded columns, got 3");
    let error = spectral.outputs(rows.as_ref(), Output::Projected(9), Par::Seq).unwrap_err();
    assert!(matches!(error, Error::Layer { layer: 9, .. }), "{error}");
    let none = spectral.outputs(rows.as_ref().subrows(0, 0), Output::LogProba, Par::Seq).unwrap();
    assert_eq!((none.values.shape(), none.bad.len()), ((0, 2), 0));
}
