//! Files with several locations: a column for each, or a row for each.

mod support;

use intake::*;
use support::*;

fn table() -> Table {
    let text = |name| Column::new(name, Kind::Text { max_chars: None });
    let columns = vec![
        text("sku").required().key(),
        text("name"),
        Column::new("quantity", Kind::Int4),
        Column::new("quantity_on_order", Kind::Int4),
        Column::new("reorder_level", Kind::Int4),
        Column::new("cost", Kind::Numeric { precision: Some((12, 2)) }),
        text("location"),
        Column::new("attributes", Kind::Json),
    ];
    Table { columns, attributes: Some(7) }
}

fn spec(location: &str) -> Spec {
    let location = if location == "*" { Location::Sum } else { Location::At(location.to_owned()) };
    Spec { location: Some(location), batch_rows: 2, ..Spec::new(table()) }
}

fn read_at(input: &str, location: &str) -> Reading {
    let (reading, result) = try_read(input.as_bytes(), &spec(location));
    result.unwrap_or_else(|error| panic!("{error} {:?}", error.detail()));
    reading
}

fn values(reading: &Reading, column: &str) -> Vec<String> {
    (0..reading.rows.len()).map(|row| reading.value(row, column).unwrap_or("∅").to_owned()).collect()
}

fn quantities(input: &str, location: &str) -> Vec<String> {
    let reading = read_at(input, location);
    assert!(reading.refused.is_empty(), "{:?}", reading.refused);
    values(&reading, "quantity")
}

#[test]
fn a_column_of_one_location_or_the_sum_is_taken() {
    for header in [
        "sku,name,Current Quantity Main St,Current Quantity Mall",
        "sku,name,inventory_Main St,inventory_Mall",
        "sku,name,Main St - Quantity on Hand,Mall - Quantity on Hand",
        "sku,name,Qty (Main St),Qty (Mall)",
        "sku,name,Main St Stock,Mall Stock",
        "sku,name,Quantity at Main St,Quantity at Mall",
        "sku,name,Bestand Main St,Bestand Mall",
        "sku,name,QOH: MAIN ST,QOH: MALL",
    ] {
        let file = format!("{header}\nA,Lamp,5,3\nB,Bulb,,7\nC,Cord,,\n");
        assert_eq!(quantities(&file, "Main St"), ["5", "∅", "∅"], "{header}");
        assert_eq!(quantities(&file, "main-st"), ["5", "∅", "∅"], "{header}");
        assert_eq!(quantities(&file, "Mall"), ["3", "7", "∅"], "{header}");
        assert_eq!(quantities(&file, "*"), ["8", "7", "∅"], "{header}");
        let error = fail(&file, &spec("Harbour"));
        assert_eq!(error.to_string(), "file has nothing of location \"Harbour\"", "{header}");
        let detail = error.detail().expect("the locations").to_lowercase();
        assert_eq!(detail, "the file has the locations \"main st\", \"mall\".", "{header}");
    }
    assert_eq!(quantities("sku,name,Main St,Mall\nA,Lamp,5,3\n", "Mall"), ["3"]);
}

#[test]
fn what_is_no_location_is_not_added() {
    let file = "sku,name,Stockholm,Quantity on order,Stock Alert Count,Qty Main St,Qty Mall,Qty note\nA,Lamp,9,9,9,5,3,none\n";
    let reading = read_at(file, "*");
    assert_eq!(
        (values(&reading, "quantity"), values(&reading, "quantity_on_order")),
        (vec!["8".into()], vec!["9".into()])
    );
    assert_eq!(quantities(file, "Mall"), ["3"]);
    assert_eq!(quantities(file, "Stockholm"), ["9"]);
}

#[test]
fn new_values_come_before_current_ones() {
    let header =
        "sku,name,Current Quantity Main St,New Quantity Main St,Current Quantity Mall,New Quantity Mall";
    let filled = format!("{header}\nA,Lamp,5,6,3,4\nB,Bulb,1,2,7,8\n");
    assert_eq!(quantities(&filled, "Mall"), ["4", "8"]);
    assert_eq!(quantities(&filled, "*"), ["10", "10"]);
    let empty = format!("{header}\nA,Lamp,5,,3,\nB,Bulb,1,,7,\n");
    assert_eq!(quantities(&empty, "Mall"), ["3", "7"]);
    assert_eq!(quantities(&empty, "*"), ["8", "8"]);
}

#[test]
fn a_mapping_comes_first() {
    let file = "sku,name,Qty Main St,Qty Mall,Real\nA,Lamp,5,3,4\n";
    let mapping = serde_json::json!({"Real": "quantity"}).as_object().cloned();
    let (reading, result) = try_read(file.as_bytes(), &Spec { mapping, ..spec("Mall") });
    result.expect("a readable file");
    assert_eq!(reading.value(0, "quantity"), Some("4"));
}

const ROWS: &str = "sku,name,Location,Qty,cost\nA,Lamp,Main St,5,1.50\nB,Bulb,Mall,7,2\nA,Lamp,Mall,3,1.50\nC,Cord,main st ,2,\nA,Lamps,Harbour,,1.75\n";

#[test]
fn rows_of_one_location_are_taken() {
    let reading = read_at(ROWS, "Main St");
    assert_eq!(
        (values(&reading, "sku"), values(&reading, "quantity")),
        (vec!["A".into(), "C".into()], vec!["5".into(), "2".into()])
    );
    assert_eq!(values(&reading, "location"), ["Main St", "main st"]);
    assert_eq!(reading.skip_reasons(), ["3 row of another location"]);
    assert_eq!((reading.accounted(), reading.warnings()), (5, vec![]));
    let error = fail(ROWS, &spec("Docks"));
    assert_eq!(error.to_string(), "file has nothing of location \"Docks\"");
    assert_eq!(
        error.detail().as_deref(),
        Some("The file has the locations \"Main St\", \"Mall\", \"main st\", \"Harbour\".")
    );
}

#[test]
fn rows_of_all_locations_are_added_up() {
    let reading = read_at(ROWS, "*");
    assert_eq!(values(&reading, "sku"), ["A", "B", "C"]);
    assert_eq!(values(&reading, "quantity"), ["8", "7", "2"]);
    assert_eq!(
        (values(&reading, "name"), values(&reading, "cost")),
        (vec!["Lamp".into(), "Bulb".into(), "Cord".into()], vec!["1.50".into(), "2".into(), "∅".into()])
    );
    assert!(!reading.columns.contains(&"location".to_owned()));
    assert_eq!(reading.skip_reasons(), ["2 added to the first row of its key"]);
    let warnings = reading.warnings();
    assert_eq!(
        warnings,
        [
            "1 value in column \"name\" differ from those on the first line of the same key, which were kept (6: Lamps)",
            "1 value in column \"cost\" differ from those on the first line of the same key, which were kept (6: 1.75)"
        ]
    );
    assert_eq!((reading.accounted(), reading.lines.clone()), (5, vec![2, 3, 5]));
    let error = fail(
        "name,Location,Qty\nLamp,Main,5\n",
        &Spec {
            table: Table {
                columns: vec![
                    Column::new("name", Kind::Text { max_chars: None }),
                    Column::new("quantity", Kind::Int4),
                ],
                attributes: None,
            },
            ..spec("*")
        },
    );
    assert_eq!(error.to_string(), "there is nothing to add up over the locations of the file");
}

#[test]
fn sums_stay_in_their_range_and_bad_cells_cost_their_line() {
    let file = "sku,Location,Qty\nA,Main,2000000000\nA,Mall,2000000000\nB,Main,1\nB,Mall,many\nB,Dock,2\n";
    let reading = read_at(file, "*");
    assert_eq!(values(&reading, "quantity"), ["2000000000", "3"]);
    assert_eq!(reading.faults(), [(3, "22003"), (5, "22P02")]);
}

#[test]
fn the_column_that_has_the_location_is_looked_at() {
    let file = "sku,Warehouse,Location,Qty\nA,North,R1,5\nA,South,R2,3\n";
    assert_eq!(quantities(file, "South"), ["3"]);
    assert_eq!(quantities(file, "R1"), ["5"]);
    assert_eq!(quantities(file, "*"), ["8"]);
    let shopify = "Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Location,Bin name,Incoming (not editable),Unavailable (not editable),Committed (not editable),Available (not editable),On hand (current),On hand (new)\n\
                   lamp,Lamp,Title,Default,L-1,,,Main,,0,0,0,5,5,\nlamp,Lamp,Title,Default,L-1,,,Mall,,0,0,0,3,3,\nbulb,Bulb,Title,Default,B-1,,,Main,,0,0,0,7,7,\n";
    assert_eq!(quantities(shopify, "Mall"), ["3"]);
    assert_eq!(quantities(shopify, "*"), ["8", "7"]);
}

#[test]
fn a_file_without_locations_says_so() {
    let error = fail("sku,name,quantity\nA,Lamp,5\n", &spec("Mall"));
    assert_eq!(error.to_string(), "file tells no locations");
    assert!(error.hint().is_some_and(|hint| hint.contains("Location")));
}

#[test]
fn records_have_locations_too() {
    let array =
        r#"[{"sku": "A", "store": "Main", "quantity": 5}, {"sku": "A", "store": "Mall", "quantity": 3}]"#;
    let read = |location: &str| {
        let JsonRecords { keys, records, .. } = JsonRecords::of(array).expect("an array");
        let mut quantities = Vec::new();
        read_objects(&keys, records.into_iter(), &spec(location), &mut |event| {
            if let Event::Batch(batch) = event {
                quantities.extend((0..batch.rows()).map(|row| batch.cell(row, 1).map(str::to_owned)));
            }
            std::ops::ControlFlow::Continue(Batch::default())
        })
        .expect("readable records");
        quantities
    };
    assert_eq!(read("Mall"), [Some("3".to_owned())]);
    assert_eq!(read("*"), [Some("8".to_owned())]);
}
