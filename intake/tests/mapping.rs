//! How the file's columns find their places.

mod support;

use intake::*;
use serde_json::{Value, json};
use support::inventory;

fn resolve(header: &[&str], explicit: Value) -> Result<Mapping, FileError> {
    let header: Vec<String> = header.iter().map(|&name| name.to_owned()).collect();
    Mapping::resolve(&header, &[], &inventory(), explicit.as_object(), None)
}

/// The mapping as the report shows it.
fn mapped(header: &[&str], explicit: Value) -> Value {
    resolve(header, explicit).unwrap().to_json(&inventory())
}

fn refused(header: &[&str], explicit: Value) -> FileError {
    resolve(header, explicit).unwrap_err()
}

#[test]
fn names_match_exactly_then_without_case_and_separators() {
    assert_eq!(
        mapped(&["SKU", "Unit-Price", "quantity", "Colour"], Value::Null),
        json!({"SKU": "sku", "Unit-Price": "unit_price", "quantity": "quantity", "Colour": "attributes.Colour"})
    );
    // The exact name wins though it comes second.
    assert_eq!(mapped(&["SKU", "sku"], Value::Null), json!({"SKU": "attributes.SKU", "sku": "sku"}));
    assert_eq!(mapped(&["Sku", "SKU"], Value::Null), json!({"Sku": "sku", "SKU": "attributes.SKU"}));
}

#[test]
fn an_explicit_mapping_wins() {
    let explicit = json!({"Code": "sku", " NAME ": null, "sku": "attributes.old sku"});
    assert_eq!(
        mapped(&["sku", "Code", "name"], explicit),
        json!({"sku": "attributes.old sku", "Code": "sku", "name": null})
    );
}

#[test]
fn a_shown_mapping_can_be_passed_again() {
    let header = ["Code", "Colour", "qty", "name"];
    let shown = mapped(&header, json!({"Code": "sku", "qty": null}));
    assert_eq!(mapped(&header, shown.clone()), shown);
}

#[test]
fn without_attributes_the_rest_is_ignored() {
    let table = Table { attributes: None, ..inventory() };
    let mapping = Mapping::resolve(&["sku".into(), "x".into()], &[], &table, None, None).unwrap();
    assert_eq!(mapping.destinations, [Destination::Column(0), Destination::Ignored]);
}

#[test]
fn a_mapping_to_an_unknown_table_column_lists_the_columns() {
    let error = refused(&["sku", "x"], json!({"x": "colour"}));
    assert_eq!(
        (error.sqlstate(), error.to_string().as_str()),
        ("42703", "mapping names unknown column \"colour\"")
    );
    let detail = error.detail().unwrap();
    assert!(detail.ends_with("\"sku\", \"name\", \"quantity\", \"unit_price\", \"attributes\"."), "{detail}");
}

#[test]
fn a_mapping_of_a_column_that_the_file_lacks_is_refused() {
    let error = refused(&["sku"], json!({"Code": "name"}));
    assert_eq!(error.to_string(), "mapping names column \"Code\", which the file does not have");
    assert_eq!(error.detail().unwrap(), "The file has the columns \"sku\".");
}

#[test]
fn one_column_is_mapped_once() {
    assert_eq!(refused(&["a", "b"], json!({"a": "sku", "b": "sku"})).sqlstate(), "42701");
    assert_eq!(refused(&["a", "b"], json!({"a": "sku", "A": "name"})).sqlstate(), "42701");
}

#[test]
fn a_mapping_is_to_a_name_or_null() {
    assert_eq!(refused(&["sku"], json!({"sku": 1})).sqlstate(), "22023");
}

#[test]
fn a_required_column_that_gets_nothing_is_the_files_fault() {
    let error = refused(&["Code", "name"], Value::Null);
    assert_eq!(error.sqlstate(), "23502");
    assert_eq!(error.to_string(), "no column of the file is mapped to required column \"sku\"");
    assert_eq!(error.detail().unwrap(), "The file has the columns \"Code\", \"name\".");
    assert_eq!(error.hint().unwrap(), "Pass a mapping such as {\"Code\": \"sku\"}.");
    let left_out = refused(&["sku"], json!({"sku": null}));
    assert_eq!(left_out.sqlstate(), "23502");
    let nothing_alike = refused(&["name", "colour"], Value::Null);
    assert_eq!(nothing_alike.hint().unwrap(), "Pass a mapping such as {\"column of the file\": \"sku\"}.");
}
