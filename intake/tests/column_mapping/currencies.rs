//! Names with a currency in them.

use super::*;

/// Where a column of prices goes without asking.
fn target(table: &Table, header: &str) -> Option<String> {
    let found = suggestion(table, &format!("{header}\n 5.50"), header);
    found.destination.name(table).filter(|_| found.confidence >= 0.8)
}

#[test]
fn a_currency_in_a_name_does_not_count_and_makes_it_money() {
    let file = "Posting date | Amount CZK | Details\n 2024/05/21 | -111.11 | Karta";
    assert_eq!(
        mapped(&transactions(), file),
        ["Posting date → occurred_on", "Amount CZK → amount", "Details → description"]
    );
    for header in ["Betrag in EUR", "Montant en €", "Importe EUR", "SEK amount", "Total ($)", "amount_gbp"]
    {
        let found = target(&transactions(), header);
        assert_eq!(found.as_deref(), Some("amount"), "{header}");
    }
    for header in ["Price EUR", "Preis (CHF)", "Retail price, USD", "Precio en MXN"] {
        let found = target(&inventory(), header);
        assert_eq!(found.as_deref(), Some("unit_price"), "{header}");
    }
    for header in ["Stock EUR", "Quantity ($)", "Bestand €"] {
        let found = suggestion(&inventory(), &format!("{header}\n 5"), header);
        assert!(found.confidence < 0.8, "{header}");
    }
}

#[test]
fn of_several_currencies_none_is_taken_without_asking() {
    for (file, free) in [
        ("sku | name | Price (USD) | Price (EUR)\n a | Cup | 5 | 4", "unit_price"),
        ("sku | name | Quantity (Main) | Quantity (Mall)\n a | Cup | 5 | 4", "quantity"),
    ] {
        let (header, rows) = parse(file);
        let mapping = Mapping::resolve(&header, &rows, &inventory(), None, None).unwrap();
        let column = inventory().columns.iter().position(|column| column.name == free).unwrap();
        assert!(!mapping.destinations.contains(&Destination::Column(column)), "{file}");
        assert_eq!(mapping.rivals[column], [2, 3], "{file}");
    }
    for file in ["Amount (EUR) | Amount (foreign)\n 5 | 4", "Amount (foreign) | Amount (EUR)\n 4 | 5"] {
        assert_eq!(mapped(&transactions(), file), ["Amount (EUR) → amount"]);
    }
    let one = "sku | name | Price (USD) | Price (EUR)\n a | Cup | 5 | ";
    assert!(mapped(&inventory(), one).contains(&"Price (USD) → unit_price".to_owned()));
    let found = suggestion(&transactions(), "Amount EUR | Amount USD\n 5 | 4", "Amount EUR");
    assert_eq!(
        (found.confidence, found.reason.as_str()),
        (0.5, "another form of amount, and so is \"Amount USD\"")
    );
}
