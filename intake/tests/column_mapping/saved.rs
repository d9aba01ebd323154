//! Mappings that were accepted before.

use super::*;
use serde_json::json;
use std::ops::ControlFlow;

const FILE: &str = "Item Code | Label | Qty | Colour
                    A1 | Lamp | 3 | red";

fn saved(mapping: Value) -> Map<String, Value> {
    mapping.as_object().expect("an object").clone()
}

#[test]
fn a_saved_mapping_wins_over_every_other_reason() {
    let saved =
        saved(json!({"Item Code": "barcode", "Label": "sku", "Qty": null, "Colour": "attributes.finish"}));
    let found = suggestions(&inventory(), FILE, Some(&saved));
    let places: Vec<_> = found.iter().map(|it| (it.destination.name(&inventory()), it.confidence)).collect();
    let place = |name: &str| (Some(name.to_owned()), 1.0);
    assert_eq!(places, [place("barcode"), place("sku"), (None, 1.0), place("attributes.finish")]);
    assert!(found.iter().all(|it| it.reason == "the team's saved mapping"));
}

#[test]
fn a_saved_mapping_names_columns_however_spelled() {
    let saved = saved(json!({"item_code": "barcode"}));
    let found = suggestions(&inventory(), FILE, Some(&saved));
    assert_eq!(found[0].destination.name(&inventory()).as_deref(), Some("barcode"));
}

#[test]
fn what_a_saved_mapping_says_of_columns_that_are_gone_is_passed_over() {
    let saved = saved(json!({"Gone": "sku", "Qty": "no_such_column", "Label": 7, "Item Code": "sku"}));
    let found = suggestions(&inventory(), FILE, Some(&saved));
    let reasons: Vec<_> = found.iter().map(|it| it.reason.as_str()).collect();
    assert_eq!(reasons[0], "the team's saved mapping");
    assert_eq!((reasons[1], reasons[2]), ("may mean name", "another word for quantity"));
}

#[test]
fn an_explicit_mapping_wins_over_a_saved_one() {
    let (header, rows) = parse(FILE);
    let saved = saved(json!({"Item Code": "sku", "Label": "name", "Qty": "reorder_level"}));
    let explicit = json!({"Colour": "sku", "Qty": null});
    let mapping = Mapping::resolve(&header, &rows, &inventory(), explicit.as_object(), Some(&saved)).unwrap();
    assert_eq!(
        mapping.to_json(&inventory()),
        json!({"Item Code": "attributes.Item Code", "Label": "name", "Qty": null, "Colour": "sku"})
    );
    assert_eq!(mapping.reasons_to_json()["Qty"], "as the mapping says");
    assert_eq!(
        mapping.sources,
        [MappingSource::None, MappingSource::Saved, MappingSource::Explicit, MappingSource::Explicit]
    );
    let decided = json!({"Label": "name", "Qty": null, "Colour": "sku"});
    assert_eq!(mapping.decided_to_json(&inventory()), decided);
}

/// The destinations in a reading for which `saved` is kept under the signature of `header`.
fn read_with_saved(header: &[&str]) -> Value {
    let header: Vec<String> = header.iter().map(|&name| name.to_owned()).collect();
    let saved = saved(json!({"X": "sku", "Y": "name"}));
    let spec = Spec {
        saved: [(header_signature(&header).expect("a header"), saved)].into(),
        ..Spec::new(inventory())
    };
    let mut used = Value::Null;
    let result = read_file(&b"x,Y\n1,2\n"[..], &spec, &mut |event| {
        if let Event::Started { mapping, .. } = event {
            used = mapping.to_json(&inventory());
        }
        ControlFlow::Continue(Batch::default())
    });
    if result.is_ok() { used } else { Value::Null }
}

#[test]
fn a_reading_uses_what_was_saved_for_its_header_and_nothing_else() {
    assert_eq!(read_with_saved(&["X", "y"]), json!({"x": "sku", "Y": "name"}));
    assert_eq!(read_with_saved(&["Y", "X"]), Value::Null);
    assert_eq!(read_with_saved(&["X", "Y", "Z"]), Value::Null);
}
