//! Warnings: kinds that programs rely on.

use intake::WarningKind;

#[test]
fn every_kind_of_warning_is_in_the_guide() {
    let guide = include_str!("../../docs/imports.md");
    for kind in WarningKind::ALL {
        let name = serde_json::to_value(kind).expect("a kind is a word");
        let row = format!("| `{}` |", name.as_str().expect("a kind is a word"));
        assert!(guide.contains(&row), "the guide does not have {row}");
    }
}
