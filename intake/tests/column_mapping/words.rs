//! Names, synonyms, spelling and values, whoever wrote the file.

use super::*;

fn target(table: &Table, file: &str, column: &str) -> Option<String> {
    let found = suggestion(table, file, column);
    matches!(found.destination, Destination::Column(_)).then(|| found.destination.name(table).unwrap())
}

#[test]
fn the_surer_reason_wins_and_says_so() {
    let file = "quantity | QTY | Qty on hand | Quantty
                1 | 2 | 3 | 4";
    let found = suggestions(&inventory(), file, None);
    assert_eq!((found[0].confidence, found[0].reason.as_str()), (0.99, "same name"));
    assert_eq!(found[1].destination, Destination::Attribute("QTY".into()));
    assert_eq!(
        (found[1].confidence, found[1].reason.as_str()),
        (0.0, "another word for quantity, which \"quantity\" fills")
    );
    assert_eq!(found[2].confidence, 0.0);
    assert_eq!(found[3].confidence, 0.0);
}

#[test]
fn names_are_one_however_they_are_spelled() {
    for header in ["Unit Price", "unit-price", "UnitPrice", "\u{FEFF}*UNIT_PRICE:", "Ünit price"] {
        let found = suggestion(&inventory(), &format!("{header}\n 9.50"), header);
        assert_eq!(
            (found.confidence, found.reason.as_str()),
            (0.97, "same name, spelled differently"),
            "{header}"
        );
    }
    let found = suggestion(&inventory(), "Unit price (USD)\n 9.50", "Unit price (USD)");
    assert_eq!((found.confidence, found.reason.as_str()), (0.92, "another form of unit_price"));
}

#[test]
fn everyday_words_are_known() {
    let file = "Part No. | Item | Desc. | Product Group | QOH | On Order | RRP | Landed Cost | Dept # | UoM | EAN13 | Aisle | Vendor | Par level | Price Level 2
                007 | Lamp | Nice | Light | 5 | 1 | 9.50 | 4 | 12 | pc | 4006381333931 | 7 | Acme | 2 | 8.00";
    // "No." is written out as people do.
    let file = &file.replace("Part No.", "Part #");
    assert_eq!(
        mapped(&inventory(), file),
        [
            "Part # → sku",
            "Item → name",
            "Desc. → description",
            "Product Group → category",
            "QOH → quantity",
            "On Order → quantity_on_order",
            "RRP → unit_price",
            "Landed Cost → cost",
            "Dept # → department_code",
            "UoM → unit_of_measure",
            "EAN13 → barcode",
            "Aisle → location",
            "Vendor → supplier",
            "Par level → reorder_level",
            "Price Level 2 → price_tier_2",
        ]
    );
    for header in ["Part No.", "Part No", "PartNo", "part_no", "Part #", "PART#", "Part Number"] {
        assert_eq!(target(&inventory(), header, header).as_deref(), Some("sku"), "{header}");
    }
    for header in
        ["Qty On Hand", "On-hand", "Stock Level", "UPC", "GTIN", "MSRP", "Unit Cost", "Whse", "Bin", "MPN"]
    {
        assert!(suggestion(&inventory(), header, header).confidence >= 0.85, "{header}");
    }
}

#[test]
fn a_few_words_of_other_languages_are_known() {
    assert_eq!(
        mapped(
            &inventory(),
            "Artikelnummer|Bezeichnung|Menge|VK-Preis|EK|Lagerort|Lieferant\n 1|Lampe|3|9,50|4,00|A1|Acme"
        ),
        [
            "Artikelnummer → sku",
            "Bezeichnung → name",
            "Menge → quantity",
            "VK-Preis → unit_price",
            "EK → cost",
            "Lagerort → location",
            "Lieferant → supplier",
        ]
    );
    assert_eq!(
        mapped(&inventory(), "Code article|Désignation|Quantite|Prix unitaire\n 1|Lampe|3|9,50"),
        ["Code article → sku", "Désignation → name", "Quantite → quantity", "Prix unitaire → unit_price"]
    );
    assert_eq!(
        mapped(&inventory(), "CÓDIGO|Nombre|Cantidad|Precio|Almacén\n 1|Foco|3|9.50|B"),
        ["CÓDIGO → sku", "Nombre → name", "Cantidad → quantity", "Precio → unit_price", "Almacén → location"]
    );
    assert_eq!(suggestion(&inventory(), "Menge\n 3", "Menge").reason, "German for quantity");
}

#[test]
fn other_tables_have_words_of_their_own() {
    assert_eq!(
        mapped(&transactions(), "Date|Total|Memo|Transaction type\n 31.1.2026|12.50|Rent|expense"),
        ["Date → occurred_on", "Total → amount", "Memo → description", "Transaction type → type"]
    );
    assert_eq!(
        mapped(
            &staff(),
            "Employee|Job title|E-mail|Mobile|Wage|Start date|Active\n Ada|Cook|a@b.c|1|5|2026-01-31|yes"
        ),
        [
            "Employee → full_name",
            "Job title → position",
            "E-mail → email",
            "Mobile → phone",
            "Wage → salary",
            "Start date → hired_on",
            "Active → is_active",
        ]
    );
}

#[test]
fn a_word_means_what_the_table_has() {
    assert_eq!(target(&staff(), "Name\n Ada", "Name").as_deref(), Some("full_name"));
    assert_eq!(target(&inventory(), "Title\n Lamp", "Title").as_deref(), Some("name"));
    assert_eq!(target(&staff(), "Title\n Cook", "Title").as_deref(), Some("position"));
    assert_eq!(target(&transactions(), "QOH\n 3", "QOH"), None);
}

#[test]
fn a_word_with_two_meanings_is_for_people_to_decide() {
    let columns = vec![
        Column::new("position", Kind::Text { max_chars: None }),
        Column::new("Name", Kind::Text { max_chars: None }),
    ];
    let table = Table { columns, attributes: None };
    let found = suggestion(&table, "Title\n x", "Title");
    assert_eq!((found.confidence, found.reason.as_str()), (0.6, "another word for position, or Name"));
    assert!(mapped(&table, "Title\n x").is_empty());
    // Not where one of the two is spoken for.
    assert_eq!(mapped(&table, "Name|Title\n Ada|Cook"), ["Name → Name", "Title → position"]);
}

#[test]
fn vague_words_are_suggested_and_not_used() {
    let file = "sku|name|Brand|Type|Notes\n 1|Lamp|Acme|Light|x";
    assert_eq!(target(&inventory(), file, "Brand").as_deref(), Some("supplier"));
    assert!(suggestions(&inventory(), file, None)[2..].iter().all(|it| it.confidence == 0.6));
    assert_eq!(mapped(&inventory(), file), ["sku → sku", "name → name"]);
    let (header, rows) = parse(file);
    let mapping = Mapping::resolve(&header, &rows, &inventory(), None, None).unwrap();
    assert_eq!(mapping.reasons[2], "not sure enough: may mean supplier");
}

#[test]
fn slips_of_the_pen_are_suggested_and_not_used() {
    let file = "sku|name|Quantiy|Bar Cdoe|Suplier\n 1|Lamp|3|x|Acme";
    for (column, to) in [("Quantiy", "quantity"), ("Bar Cdoe", "barcode"), ("Suplier", "supplier")] {
        let found = suggestion(&inventory(), file, column);
        assert_eq!(found.destination.name(&inventory()).as_deref(), Some(to));
        assert!((0.6..0.8).contains(&found.confidence), "{found:?}");
    }
    assert_eq!(suggestion(&inventory(), file, "Quantiy").reason, "spelled nearly like \"quantity\"");
    assert_eq!(mapped(&inventory(), file), ["sku → sku", "name → name"]);
}

#[test]
fn names_that_are_merely_somewhat_alike_are_not() {
    for header in ["Quality", "Caste", "Skin", "Locale", "Priced", "Colour", "Weight", "Named"] {
        assert_eq!(target(&inventory(), header, header), None, "{header}");
    }
}

#[test]
fn a_sure_name_keeps_its_column_whatever_the_values_are() {
    let file = "sku | name | Stock | Price
                A | Lamp | In stock | ask
                B | Bulb | Sold out | ask";
    let expected = ["sku → sku", "name → name", "Stock → quantity", "Price → unit_price"];
    assert_eq!(mapped(&inventory(), file), expected);
    let found = suggestion(&inventory(), file, "Stock");
    assert_eq!(found.reason, "another word for quantity, though most values are not of type integer");
    assert_eq!(target(&staff(), "Active\n 2026-01-31", "Active").as_deref(), Some("is_active"));
    assert_eq!(target(&transactions(), "Date\n late", "Date").as_deref(), Some("occurred_on"));
}

#[test]
fn a_sure_name_with_strange_values_gives_way_to_one_with_values_of_the_type() {
    let file = "sku | name | Stock | Qty
                A | Lamp | yes | 3
                B | Bulb | no | 4";
    assert_eq!(mapped(&inventory(), file), ["sku → sku", "name → name", "Qty → quantity"]);
    assert_eq!(suggestion(&inventory(), file, "Stock").destination, Destination::Attribute("Stock".into()));
}

#[test]
fn a_name_that_is_not_sure_needs_values_of_the_type() {
    let found = suggestion(&inventory(), "Quantiy\n low\n high", "Quantiy");
    assert_eq!(found.destination, Destination::Attribute("Quantiy".into()));
    assert_eq!(found.reason, "spelled nearly like \"quantity\", but the values are not of type integer");
}

#[test]
fn numbers_and_dates_fit_however_they_are_written() {
    let file = "Stock | Price | Cost price
                1,234 | $1,234.50 | 1.234,50 €
                n/a | (12) | USD 5
                12 | 9 | ";
    assert_eq!(mapped(&inventory(), &format!("sku|name|{file}").replace("\n", "\nA|B|")).len(), 5);
    assert_eq!(target(&transactions(), "Date\n Jan 31, 2026", "Date").as_deref(), Some("occurred_on"));
}

#[test]
fn the_tables_own_name_counts_whatever_the_values_are() {
    let found = suggestion(&inventory(), "QUANTITY\n many", "QUANTITY");
    assert_eq!(found.destination.name(&inventory()).as_deref(), Some("quantity"));
}

#[test]
fn one_column_fills_one_field() {
    let file = "Qty|Stock|Available|On hand|Count\n 1|2|3|4|5";
    let found = suggestions(&inventory(), file, None);
    let filling = found.iter().filter(|it| matches!(it.destination, Destination::Column(_)));
    assert_eq!(filling.map(|it| it.csv_column.as_str()).collect::<Vec<_>>(), ["Qty"]);
    // Of equals the one with values.
    assert_eq!(target(&inventory(), "Qty|Stock\n |2", "Stock").as_deref(), Some("quantity"));
    // Of equals in every respect the first.
    assert_eq!(target(&inventory(), "SKU|sku_|Sku\n 1|2|3", "SKU").as_deref(), Some("sku"));
}

#[test]
fn the_regular_price_comes_before_that_of_a_sale() {
    assert_eq!(
        target(&inventory(), "Sale price|Regular price\n 8|9", "Regular price").as_deref(),
        Some("unit_price")
    );
    assert_eq!(suggestion(&inventory(), "Sale price\n 8", "Sale price").confidence, 0.6);
}

#[test]
fn a_new_value_comes_before_the_current_one_where_every_row_has_it() {
    let file = "SKU|Name|Current stock|New stock\n A|x|1|5\n B|y|2|6";
    let found = suggestion(&inventory(), file, "New stock");
    assert_eq!(found.destination.name(&inventory()).as_deref(), Some("quantity"));
    assert_eq!(found.reason, "another word for quantity; it comes before the current value");
    assert_eq!(suggestion(&inventory(), file, "Current stock").confidence, 0.0);
}

#[test]
fn the_current_value_counts_where_there_is_no_new_one() {
    let file = "SKU|Name|Current stock|New stock\n A|x|1|\n B|y|2|";
    assert_eq!(target(&inventory(), file, "Current stock").as_deref(), Some("quantity"));
    assert_eq!(
        suggestion(&inventory(), file, "New stock").reason,
        "another word for quantity, but it is empty"
    );
}

#[test]
fn new_values_in_some_rows_are_for_people_to_decide() {
    let file = "SKU|Name|Current stock|New stock|Stock (not editable)\n A|x|1|5|1\n B|y|2||2";
    let found = suggestion(&inventory(), file, "New stock");
    assert_eq!((found.destination.name(&inventory()).as_deref(), found.confidence), (Some("quantity"), 0.6));
    assert_eq!(mapped(&inventory(), file), ["SKU → sku", "Name → name"]);
}

#[test]
fn what_cannot_be_edited_is_a_target_only_when_there_is_nothing_else() {
    let file = "Quantity (not editable)|QOH\n 1|2";
    assert_eq!(target(&inventory(), file, "QOH").as_deref(), Some("quantity"));
    let alone = suggestion(&inventory(), "Quantity (not editable)\n 1", "Quantity (not editable)");
    assert_eq!(alone.destination.name(&inventory()).as_deref(), Some("quantity"));
}

#[test]
fn a_suggestion_shows_the_first_values_that_are_not_blank() {
    let found = suggestion(&inventory(), "sku|Colour\n 1|\n 2|red\n 3|blue\n 4|\n 5|red\n 6|green", "Colour");
    assert_eq!(found.samples, ["red", "blue", "red"]);
    assert_eq!((found.confidence, found.reason.as_str()), (0.0, "the table has no such column"));
    assert!(suggestion(&inventory(), "Colour", "Colour").samples.is_empty());
}

#[test]
fn without_attributes_what_is_left_over_is_ignored() {
    assert_eq!(suggestion(&staff(), "Colour\n red", "Colour").destination, Destination::Ignored);
}

#[test]
fn names_without_letters_mean_nothing() {
    let table = Table {
        columns: vec![Column::new("%", Kind::Int4), Column::new("€", Kind::Int4)],
        attributes: None,
    };
    assert_eq!(mapped(&table, "$|%|\n 1|2|3"), ["% → %"]);
}
