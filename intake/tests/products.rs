//! Products of which shop systems write several rows.

mod support;

use intake::*;
use support::*;

fn table() -> Table {
    let text = |name| Column::new(name, Kind::Text { max_chars: None });
    let columns = vec![
        text("sku").required().key(),
        text("name").required(),
        text("description"),
        Column::new("quantity", Kind::Int4),
        Column::new("unit_price", Kind::Numeric { precision: Some((12, 2)) }),
        text("supplier"),
        Column::new("attributes", Kind::Json),
    ];
    Table { columns, attributes: Some(6) }
}

fn read_table(input: &str) -> Reading {
    let (reading, result) = try_read(input.as_bytes(), &Spec::new(table()));
    result.expect("a readable file");
    reading
}

fn names(reading: &Reading) -> Vec<(&str, &str)> {
    let value = |row, column| reading.value(row, column).unwrap_or("∅");
    (0..reading.rows.len()).map(|row| (value(row, "sku"), value(row, "name"))).collect()
}

const SHOPIFY: &str = "Handle,Title,Body (HTML),Vendor,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Image Position\n";

#[test]
fn variants_have_what_their_product_says() {
    let file = SHOPIFY.to_owned()
        + "lamp,\"Lamp, big\",<p>Nice</p>,Orme,Red,L-R,5,12.50,http://x/1.jpg,1\n"
        + "lamp,,,,Blue,L-B,7,12.50,http://x/2.jpg,2\n"
        + "lamp,,,Other,Green,L-G,,13.50,,\n"
        + "lamp,,,,,,,,http://x/3.jpg,3\n"
        + "bulb,Bulb,,Orme,Default,B-1,3,2.00,,\n"
        + "bulb,,,,Second,B-2,3,2.00,,\n";
    let reading = read_table(&file);
    assert!(reading.refused.is_empty(), "{:?}", reading.refused);
    let expected =
        [("L-R", "Lamp, big"), ("L-B", "Lamp, big"), ("L-G", "Lamp, big"), ("B-1", "Bulb"), ("B-2", "Bulb")];
    assert_eq!(names(&reading), expected);
    // What each variant has is its own.
    assert_eq!((reading.value(2, "quantity"), reading.value(2, "supplier")), (None, Some("Other")));
    assert_eq!((reading.value(3, "description"), reading.value(4, "description")), (None, None));
    assert_eq!(reading.skip_reasons(), ["1 row of an image"]);
    let warnings = reading.warnings();
    assert!(
        warnings.contains(
            &"3 blank cells in column \"name\" got what the first row of the same product has (3: Lamp, big)"
                .to_owned()
        ),
        "{warnings:?}"
    );
    assert_eq!(reading.accounted(), 6);
}

#[test]
fn another_product_gives_nothing() {
    let file = SHOPIFY.to_owned()
        + "lamp,Lamp,,Orme,Red,L-R,5,12.50,,\n"
        + "bulb,,,,Blue,B-1,7,12.50,,\n"
        + ",,,,Green,G-1,7,12.50,,\n"
        + "lamp,,,,Blue,L-B,7,12.50,,\n";
    let reading = read_table(&file);
    assert_eq!(names(&reading), [("L-R", "Lamp")]);
    assert_eq!(reading.refused.len(), 3);
}

#[test]
fn other_vendors_write_them_too() {
    let woo = "ID,Type,SKU,Name,Visibility in catalog,Description,Stock,Regular price,Parent\n\
               1,variable,T,Shirt,visible,Soft,,,\n2,variation,T-S,,visible,,3,9.99,T\n3,variation,T-M,Shirt - M,visible,,4,9.99,T\n\
               4,simple,C,,visible,,4,9.99,\n";
    let reading = read_table(woo);
    assert_eq!(names(&reading), [("T", "Shirt"), ("T-S", "Shirt"), ("T-M", "Shirt - M")]);
    assert_eq!(reading.value(2, "description"), Some("Soft"));
    assert_eq!(reading.refused[0].line, 5);
    let spree = "product_id,sku,name,slug,status,description,price,inventory_count,option1_name,option1_value\n\
                 22,ABC,Vase,vase,active,A vase,9.99,0,Size,S\n22,ABC-1,,vase,,,9.99,5,Size,M\n";
    assert_eq!(names(&read_table(spree)), [("ABC", "Vase"), ("ABC-1", "Vase")]);
    let shopify = "Title,URL handle,Description,Vendor,SKU,Price,Inventory quantity,Product image URL,Image position\n\
                   Lamp,lamp,Nice,Orme,L-R,12.50,5,http://x/1.jpg,1\n,lamp,,,L-B,12.50,7,,\n,lamp,,,,,,http://x/3.jpg,3\n";
    let reading = read_table(shopify);
    assert_eq!(names(&reading), [("L-R", "Lamp"), ("L-B", "Lamp")]);
    assert_eq!(reading.skip_reasons(), ["1 row of an image"]);
}

#[test]
fn nothing_is_filled_in_files_of_others() {
    let file = "Handle,Name,SKU,Qty\nlamp,Lamp,L-R,5\nlamp,,L-B,7\n";
    let reading = read_table(file);
    assert_eq!(names(&reading), [("L-R", "Lamp")]);
    assert_eq!(reading.refused[0].line, 3);
}
