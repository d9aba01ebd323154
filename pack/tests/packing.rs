//! Batches of a file as tuples.

use intake::{Batch, Column, Event, Kind, Spec, Table};
use pack::{Attribute, Fill, Packed, Packer, RowPlan, Storage};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

#[test]
fn a_file_becomes_tuples() {
    let text = Kind::Text { max_chars: None };
    let table = Table {
        columns: vec![
            Column::new("sku", text),
            Column::new("price", Kind::Numeric { precision: Some((12, 2)) }),
        ],
        attributes: None,
    };
    let attribute = |storage, fill| Attribute { storage: Some(storage), fill };
    let plan = RowPlan {
        attributes: vec![
            attribute(Storage::Int8, Fill::Deferred),
            attribute(Storage::Text { max_chars: None }, Fill::Cell { column: 0, default: None }),
            attribute(Storage::Numeric { scale: Some(2) }, Fill::Cell { column: 1, default: None }),
            attribute(Storage::TimestampTz, Fill::Constant(Some("2026-11-22 19:55:17.540869+00".into()))),
        ],
        indexes: vec![vec![0], vec![1]],
    };
    let mut packer = Packer::new(plan).expect("the constants can be stored");
    let mut packed = None;
    intake::read_file(&b"sku,price\nB,1.50\nA,\n"[..], &Spec::new(table), &mut |event| {
        if let Event::Batch(batch) = event {
            packed = packer.pack(&batch, Packed::default());
        }
        ControlFlow::Continue(Batch::default())
    })
    .expect("the file can be read");
    let mut packed = packed.expect("the values can be stored");
    assert_eq!(packed.rows(), 2);
    assert_eq!(packed.order(0), None);
    assert_eq!(packed.order(1), Some(&[1, 0][..]));
    let extents = [packed.extent(0), packed.extent(1)];
    let excluded = packed.exclude(&[0]);
    assert_eq!((packed.rows(), packed.extent(0), packed.order(1)), (1, extents[1], Some(&[0][..])));
    assert_eq!((excluded.rows(), excluded.extent(0), excluded.order(1)), (1, extents[0], Some(&[0][..])));
}

#[test]
fn a_default_that_cannot_be_stored_makes_no_tuples() {
    let constant = |storage, text: &str| {
        let fill = Fill::Constant(Some(text.to_owned()));
        let attributes = vec![Attribute { storage, fill }];
        Packer::new(RowPlan { attributes, indexes: Vec::new() }).is_some()
    };
    assert!(constant(Some(Storage::Jsonb), "{}"));
    assert!(!constant(Some(Storage::Date), "infinity"));
    assert!(!constant(Some(Storage::Text { max_chars: Some(2) }), "abc"));
    assert!(constant(Some(Storage::Text { max_chars: Some(2) }), "ab  "));
    let moods = || Some(Storage::Enum { labels: Arc::new(HashMap::from([("glad".to_owned(), 16_384)])) });
    assert!(constant(moods(), "glad"));
    assert!(!constant(moods(), "Glad"));
    assert!(!constant(None, "of a type that is not known here"));
}
