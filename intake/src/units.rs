//! Units as cells have them.

/// Whether a cell is a unit such as `(kg)`, `[EUR]` or `pcs`, or the name of a type.
pub(crate) fn is_unit(cell: &str) -> bool {
    const UNITS: [&str; 44] = [
        "%", "$", "€", "£", "¥", "usd", "eur", "gbp", "chf", "jpy", "g", "kg", "mg", "t", "lb", "lbs", "oz",
        "mm", "cm", "m", "in", "inch", "ft", "l", "ml", "pc", "pcs", "pieces", "ea", "each", "unit", "units",
        "qty", "st", "stk", "stück", "text", "string", "number", "numeric", "integer", "decimal", "date",
        "currency",
    ];
    let bracketed =
        (cell.starts_with('(') && cell.ends_with(')')) || (cell.starts_with('[') && cell.ends_with(']'));
    bracketed || cell == "-" || UNITS.contains(&cell.to_lowercase().as_str())
}
