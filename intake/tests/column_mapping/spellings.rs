//! Names with umlauts written out, with a prefix that all share, and words for counts and parts.

use super::*;

#[test]
fn umlauts_may_be_written_out() {
    let file = "Artikelnummer | Bezeichnung | Stueckzahl | Stueckpreis\n A | Lampe | 5 | 12.50";
    assert_eq!(
        mapped(&inventory(), file),
        ["Artikelnummer → sku", "Bezeichnung → name", "Stueckzahl → quantity", "Stueckpreis → unit_price"]
    );
    let text = |name| Column::new(name, Kind::Text { max_chars: None });
    let columns = ["größe", "strasse", "Überzug", "hoehe", "ölstand"].map(text).to_vec();
    let table = Table { columns, attributes: None };
    for (header, name) in [
        ("Groesse", "größe"),
        ("GRÖSSE", "größe"),
        ("Straße", "strasse"),
        ("Ueberzug", "Überzug"),
        ("Höhe", "hoehe"),
        ("Oelstand", "ölstand"),
        ("Olstand", "ölstand"),
    ] {
        let found = suggestion(&table, &format!("{header}\n x"), header);
        assert_eq!(found.destination.name(&table).as_deref(), Some(name), "{header}");
        assert_eq!(found.confidence, 0.97, "{header}");
    }
    let header = ["Stueckzahl".to_owned(), "Groesse".to_owned()];
    let explicit = serde_json::json!({"Stückzahl": "hoehe", "Größe": "strasse"});
    let mapping = Mapping::resolve(&header, &[], &table, explicit.as_object(), None).unwrap();
    assert_eq!(mapping.destinations, [Destination::Column(3), Destination::Column(1)]);
}

#[test]
fn a_prefix_that_all_names_have_is_none_of_them() {
    let file = "HB.import_ref | HB.name | HB.quantity | HB.purchase_price | HB.location\n A | Lamp | 5 | 3.00 | Hall";
    for (header, target) in [
        ("HB.name", "name"),
        ("HB.quantity", "quantity"),
        ("HB.purchase_price", "cost"),
        ("HB.location", "location"),
    ] {
        let found = suggestion(&inventory(), file, header);
        assert_eq!(found.destination.name(&inventory()).as_deref(), Some(target), "{header}");
        assert!(found.confidence >= 0.8, "{header}");
    }
    let file = "item.sku | item.Item Name | item.qty\n A | Lamp | 5";
    assert_eq!(
        mapped(&inventory(), file),
        ["item.sku → sku", "item.Item Name → name", "item.qty → quantity"]
    );
    // A single one says something else than the name.
    let file = "sku | name | supplier.name | supplier.location\n A | Lamp | Orme | Ulm";
    assert_eq!(mapped(&inventory(), file), ["sku → sku", "name → name", "supplier.name → supplier"]);
}

#[test]
fn counts_and_parts_have_their_words() {
    for (header, target) in [
        ("inventory_count", "quantity"),
        ("Physical QOH", "quantity"),
        ("Physical Count", "quantity"),
        ("Counted Qty", "quantity"),
        ("Qty. counted", "quantity"),
        ("New Quantity Main", "quantity"),
        ("Current Quantity Main St", "quantity"),
        ("Part Name", "name"),
        ("Part Description", "description"),
        ("IPN", "sku"),
    ] {
        let found = suggestion(&inventory(), &format!("{header}\n 5"), header);
        assert_eq!(found.destination.name(&inventory()).as_deref(), Some(target), "{header}");
        assert!(found.confidence >= 0.8, "{header}");
    }
    let file = "Token | Item Name | SKU | Current Quantity Main | Price\n t | Lamp | A | 5 | 9.50";
    assert!(mapped(&inventory(), file).contains(&"Current Quantity Main → quantity".to_owned()));
    let file = "sku | name | New Quantity North | New Quantity South\n A | Lamp | 5 | 6";
    assert_eq!(mapped(&inventory(), file), ["sku → sku", "name → name"]);
    let file =
        "Part ID | Part Name | Part Description | IPN | Minimum Stock | In Stock | On Order | Category Name
                1 | Lamp | x | I-1 | 2 | 5 | 3 | Light";
    assert_eq!(
        mapped(&inventory(), file),
        [
            "Part Name → name",
            "Part Description → description",
            "IPN → sku",
            "Minimum Stock → reorder_level",
            "In Stock → quantity",
            "On Order → quantity_on_order",
            "Category Name → category"
        ]
    );
}
