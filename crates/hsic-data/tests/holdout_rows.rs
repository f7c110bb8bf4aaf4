//! Test rows held out of rows in blocks: as many of each class as in memory, the same for any number of threads.

use faer::{Mat, Par};
use hsic_data::rows::{BlockHoldout, FileRows};
use hsic_data::scaler::{KnownMoments, fill_missing, known_means};
use hsic_data::{Scaler, StratifiedHoldout, StratifiedKFold};
use hsic_rows::{Block, Blocks, Deferred, Labels, RowBlocks, reduce_blocks};

/// Rows of a matrix in blocks of a few.
struct Cut {
    x: Mat<f64>,
    labels: Labels,
    rows: usize,
    names: Vec<String>,
}

impl FileRows for Cut {
    fn n(&self) -> usize {
        self.x.nrows()
    }

    fn class_names(&self) -> &[String] {
        &self.names
    }
}

impl RowBlocks for Cut {
    fn width(&self) -> usize {
        self.x.ncols()
    }

    fn n_classes(&self) -> usize {
        self.labels.n_classes()
    }

    fn blocks(&self) -> hsic_rows::Result<Blocks<'_>> {
        let n = self.x.nrows();
        Ok(Box::new((0..n).step_by(self.rows).map(move |start| {
            let count = self.rows.min(n - start);
            let block: Deferred<'_> = Box::new(move || {
                let codes = self.labels.codes()[start..start + count].to_vec();
                Ok(Block { rows: self.x.subrows(start, count).to_owned(), codes })
            });
            Ok(block)
        })))
    }
}

/// Rows that hold their own number; two common classes in stretches, and a class of one row.
fn numbered(n: usize, rows: usize) -> Cut {
    let codes = (0..n).map(|i| if i == n / 2 { 2 } else { usize::from(i / 100 % 3 == 0) }).collect();
    Cut {
        x: Mat::from_fn(n, 1, |i, _| i as f64),
        labels: Labels::new(codes).unwrap(),
        rows,
        names: ["c0", "c1", "c2"].map(String::from).into(),
    }
}

/// The numbers and codes of the rows of a side.
fn collect(rows: &dyn RowBlocks, par: Par) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let of_block = |_, block: Block| -> hsic_rows::Result<_> {
        let numbers = block.rows.col(0).iter().map(|&number| number as usize);
        Ok(numbers.zip(block.codes).collect::<Vec<_>>())
    };
    reduce_blocks(rows, par, of_block, |part| all.extend(part)).unwrap();
    all
}

#[test]
fn each_class_keeps_its_share_and_every_row_is_on_one_side() {
    let rows = numbered(5003, 64);
    let split = BlockHoldout::new(&rows, 0.2, 7, Par::Seq).unwrap();
    let in_memory = StratifiedHoldout::new(0.2, 7).split(&rows.labels).unwrap();
    assert_eq!(split.test_counts(), rows.labels.select(&in_memory.test).unwrap().counts());
    assert_eq!(split.train_counts()[2], 1);

    let (train, test) = (split.train(&rows), split.test(&rows));
    let sides = [collect(&train, Par::Seq), collect(&test, Par::Seq)];
    let mut all = sides.concat();
    assert!(all.iter().all(|&(row, code)| code == rows.labels.codes()[row]));
    all.sort_unstable();
    assert!(all.iter().map(|&(row, _)| row).eq(0..5003));
    for (side, counts) in sides.iter().zip([split.train_counts(), split.test_counts()]) {
        let of_class = |class| side.iter().filter(|&&(_, code)| code == class).count();
        assert_eq!((0..3).map(of_class).collect::<Vec<_>>(), counts);
    }
    // spread over the file: of any thousand rows, within a few of the share
    for start in (0..5000).step_by(1000) {
        let here = sides[1].iter().filter(|(row, _)| (start..start + 1000).contains(row)).count();
        assert!((190..=210).contains(&here), "{start}: {here}");
    }
}

#[test]
fn every_row_is_a_test_row_of_one_fold() {
    let rows = numbered(5003, 64);
    assert_eq!(
        BlockHoldout::folds(&rows, 4, 7, Par::Seq).unwrap_err().to_string(),
        StratifiedKFold::new(4, 7)
            .split(&rows.labels)
            .unwrap_err()
            .to_string()
            .replace("class 2", "class `c2`")
    );
    let labels = Labels::new((0..5003).map(|i| usize::from(i % 7 > 4)).collect()).unwrap();
    let rows = Cut { labels, ..rows };
    let folds = BlockHoldout::folds(&rows, 4, 7, Par::rayon(2)).unwrap();
    assert_eq!(folds, BlockHoldout::folds(&rows, 4, 7, Par::Seq).unwrap());
    let in_memory = StratifiedKFold::new(4, 7).split(&rows.labels).unwrap();
    let mut all = Vec::new();
    for (fold, in_memory) in folds.iter().zip(&in_memory) {
        assert_eq!(fold.test_counts(), rows.labels.select(&in_memory.test).unwrap().counts());
        let (train, test) = (collect(&fold.train(&rows), Par::Seq), collect(&fold.test(&rows), Par::Seq));
        assert_eq!((train.len(), test.len()), (in_memory.train.len(), in_memory.test.len()));
        assert!(train.iter().all(|row| !test.contains(row)));
        let here = test.iter().filter(|(row, _)| *row < 1000).count();
        assert!((245..=255).contains(&here), "spread over the file: {here}");
        all.extend(test);
    }
    all.sort_unstable();
    assert!(all.iter().map(|&(row, _)| row).eq(0..5003));
}

#[test]
fn the_split_depends_on_the_seed_and_not_on_threads() {
    let rows = numbered(3000, 100);
    let of = |seed, par| BlockHoldout::new(&rows, 0.3, seed, par).unwrap();
    let (alone, threaded) = (of(1, Par::Seq), of(1, Par::rayon(4)));
    assert_eq!(alone, threaded);
    let test = collect(&alone.test(&rows), Par::Seq);
    assert_eq!(collect(&threaded.test(&rows), Par::rayon(4)), test);
    let other = of(2, Par::Seq);
    assert_ne!(collect(&other.test(&rows), Par::Seq), test);
    assert_eq!(other.test_counts(), alone.test_counts());
}

#[test]
fn what_cannot_be_split_is_told() {
    let rows = numbered(300, 32);
    let error = |share| BlockHoldout::new(&rows, share, 0, Par::Seq).unwrap_err().to_string();
    assert_eq!(error(1.0), "the share of test rows must be above 0 and below 1, got 1");
    assert_eq!(
        error(0.001),
        "a share of 0.001 of 300 rows is no test row; give a larger share, or test on another file"
    );
    let split = BlockHoldout::new(&rows, 0.5, 0, Par::Seq).unwrap();
    let other = numbered(300, 31);
    let pass = reduce_blocks(&split.test(&other), Par::Seq, |_, _| Ok::<_, hsic_rows::Error>(()), |()| ());
    assert_eq!(
        pass.unwrap_err().to_string(),
        "rows of a block of a source that has changed since its test rows were drawn: found 31, expected 32"
    );
}

#[test]
fn missing_cells_have_the_means_and_the_scaler_they_have_in_memory() {
    let mut rows = numbered(1000, 37);
    rows.x = Mat::from_fn(1000, 4, |i, j| match j {
        _ if (i * 7 + j * 3) % 11 == 0 => f64::NAN,
        0 => (i as f64).sin() * 1e3,
        1 => 1e9 + i as f64,
        2 => f64::from(u8::from(i % 5 == 0)),
        _ => f64::NAN,
    });
    rows.x[(500, 3)] = 2.5;
    let known = KnownMoments::of(&rows, Par::rayon(3)).unwrap();
    assert_eq!(known, KnownMoments::of(&rows, Par::Seq).unwrap());
    let means = known_means(rows.x.as_ref());
    assert_eq!(known.rows(), 1000);
    assert_eq!(known.missing(), rows.x.col_iter().flat_map(|c| c.iter()).filter(|v| v.is_nan()).count());
    for (blocks, memory) in known.means().iter().zip(&means) {
        assert!((blocks - memory).abs() <= 1e-14 * memory.abs(), "{blocks} {memory}");
    }
    let mut filled = rows.x.clone();
    fill_missing(filled.as_mut(), &means);
    let (blocks, memory) =
        (Scaler::of_moments(&known.filled(&known.means())).unwrap(), Scaler::fit(filled.as_ref()).unwrap());
    // the last column has one value, which fills all of it
    assert_eq!((blocks.kept(), memory.kept()), (&[0, 1, 2][..], &[0, 1, 2][..]));
    for (blocks, memory) in blocks.stds().iter().zip(memory.stds()) {
        assert!((blocks - memory).abs() <= 1e-12 * memory, "{blocks} {memory}");
    }
}
