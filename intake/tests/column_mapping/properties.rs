//! What holds for any header and any rows.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::HashSet;

/// Names that mean something, names nearly so, and any text.
fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "sku",
        "SKU",
        "Qty",
        "QOH",
        "Title",
        "New Quantity A",
        "Current Quantity A",
        "Current Quantity B",
        "Token",
        "Item Name",
        "Variation Name",
        "On hand (new)",
        "On hand (current)",
        "Available (not editable)",
        "Price (USD)",
        "Quantiy",
        "attributes",
        "Code",
    ]);
    prop_oneof![known.prop_map(str::to_owned), any::<String>()]
}

fn file() -> impl Strategy<Value = (Vec<String>, Vec<Vec<String>>)> {
    let cell = prop_oneof![Just(String::new()), Just("5".to_owned()), any::<String>()];
    (vec(name(), 0..12), vec(vec(cell, 0..12), 0..5))
}

proptest! {
    #[test]
    fn one_column_fills_one_field_and_every_column_has_a_suggestion((header, rows) in file()) {
        let table = inventory();
        let found = suggest(&header, &rows, &table, None);
        prop_assert_eq!(found.iter().map(|it| &it.csv_column).collect::<Vec<_>>(), header.iter().collect::<Vec<_>>());
        let mut filled = HashSet::new();
        for it in &found {
            let is_column = matches!(it.destination, Destination::Column(_));
            prop_assert!((0.0..=1.0).contains(&it.confidence) && is_column == (it.confidence > 0.0));
            prop_assert!(!it.reason.is_empty() && it.samples.len() <= 3);
            prop_assert!(!is_column || filled.insert(it.destination.clone()));
        }
    }

    #[test]
    fn a_job_takes_just_the_suggestions_that_are_sure((header, rows) in file()) {
        let table = Table { columns: inventory().columns.into_iter().map(|it| Column { required: false, ..it }).collect(), ..inventory() };
        let mapping = Mapping::resolve(&header, &rows, &table, None, None).expect("nothing is required");
        for (it, destination) in suggest(&header, &rows, &table, None).iter().zip(&mapping.destinations) {
            prop_assert_eq!(it.confidence >= 0.8, matches!(destination, Destination::Column(_)));
            prop_assert!(it.confidence < 0.8 || it.destination == *destination);
        }
    }
}
