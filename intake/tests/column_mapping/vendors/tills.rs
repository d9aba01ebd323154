//! Points of sale.

use super::*;

const SQUARE: &str = "Token|Item Name|Variation Name|SKU|Description|Categories|Reporting Category|SEO Title|SEO Description|Permalink|\
    GTIN|Square Online Item Visibility|Item Type|Weight (kg)|Price|Online Sale Price|Archived|Sellable|Contains Alcohol|\
    Stockable|Skip Detail Screen in POS|Option Name 1|Option Value 1|Enabled Main St|Current Quantity Main St|\
    New Quantity Main St|Stock Alert Enabled Main St|Stock Alert Count Main St|Price Main St";

#[test]
fn square_with_one_location() {
    let values = [
        ("Current Quantity Main St", "3"),
        ("Price", "9.50"),
        ("Online Sale Price", "8"),
        ("Price Main St", "9"),
    ];
    let file = filled(SQUARE, &values);
    assert_eq!(
        mapped(&inventory(), &file),
        [
            "Item Name → name",
            "SKU → sku",
            "Description → description",
            "Categories → category",
            "GTIN → barcode",
            "Price → unit_price",
            "Current Quantity Main St → quantity",
            "Stock Alert Count Main St → reorder_level",
        ]
    );
    let counted = filled(SQUARE, &[("Current Quantity Main St", "3"), ("New Quantity Main St", "4")]);
    assert!(mapped(&inventory(), &counted).contains(&"New Quantity Main St → quantity".to_owned()));
}

#[test]
fn square_with_several_locations_is_for_people_to_decide() {
    let header =
        format!("{SQUARE}|Enabled Mall|Current Quantity Mall|New Quantity Mall|Stock Alert Count Mall");
    let file = filled(&header, &[("Current Quantity Main St", "3"), ("Current Quantity Mall", "5")]);
    let found = suggestion(&inventory(), &file, "Current Quantity Main St");
    assert_eq!((found.destination.name(&inventory()).as_deref(), found.confidence), (Some("quantity"), 0.5));
    assert_eq!(
        found.reason,
        "Square's name for quantity at one of several locations; also \"Current Quantity Mall\""
    );
    let pairs = mapped(&inventory(), &file);
    assert!(
        pairs.iter().all(|pair| !pair.ends_with("→ quantity") && !pair.ends_with("→ reorder_level")),
        "{pairs:?}"
    );
}

#[test]
fn lightspeed_x() {
    let header = "id|handle|sku|name|description|product_category|brand_name|supplier_name|supplier_code|supply_price|retail_price|\
        active|track_inventory|inventory_Main_Outlet|reorder_point_Main_Outlet|restock_level_Main_Outlet";
    assert_eq!(
        mapped(&inventory(), header),
        [
            "sku → sku",
            "name → name",
            "description → description",
            "product_category → category",
            "supplier_name → supplier",
            "supply_price → cost",
            "retail_price → unit_price",
            "inventory_Main_Outlet → quantity",
            "reorder_point_Main_Outlet → reorder_level",
        ]
    );
    let two = suggestion(&inventory(), &format!("{header}|inventory_Mall"), "inventory_Main_Outlet");
    assert_eq!(two.confidence, 0.5);
}

#[test]
fn lightspeed_r_keeps_names_in_descriptions() {
    let header = "Description|System ID|UPC|EAN|Custom SKU|Manufacturer SKU|Default Cost|Price|MSRP|Main - Quantity on Hand|\
        Main - Unit Cost|Category|Subcategory 1|Subcategory 2|Brand|Vendor";
    let values = [
        ("System ID", "210000000001"),
        ("Custom SKU", "A1"),
        ("EAN", "4006381333931"),
        ("Default Cost", "4"),
    ];
    assert_eq!(
        mapped(&inventory(), &filled(header, &values)),
        [
            "Description → name",
            "EAN → barcode",
            "Custom SKU → sku",
            "Default Cost → cost",
            "Price → unit_price",
            "Main - Quantity on Hand → quantity",
            "Category → category",
            "Vendor → supplier",
        ]
    );
    // Where nobody gave SKUs of their own, the system's number is what there is.
    let bare = mapped(&inventory(), &filled(header, &[("System ID", "210000000001")]));
    assert!(bare.contains(&"System ID → sku".to_owned()), "{bare:?}");
}

#[test]
fn franpos() {
    assert_eq!(
        mapped(
            &inventory(),
            "Product Code|Product Name|Stock Quantity|Reorder point|Vendor Code|Bin/aisle number"
        ),
        [
            "Product Code → sku",
            "Product Name → name",
            "Stock Quantity → quantity",
            "Reorder point → reorder_level",
            "Bin/aisle number → location",
        ]
    );
}
