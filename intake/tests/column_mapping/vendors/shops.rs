//! Shops on the web.

use super::*;

#[test]
fn shopify_products_until_2024() {
    let header = "Handle|Title|Body (HTML)|Vendor|Type|Tags|Published|Option1 Name|Option1 Value|Option2 Name|Option2 Value|\
        Option3 Name|Option3 Value|Variant SKU|Variant Grams|Variant Inventory Tracker|Variant Inventory Qty|\
        Variant Inventory Policy|Variant Fulfillment Service|Variant Price|Variant Compare At Price|\
        Variant Requires Shipping|Variant Taxable|Variant Barcode|Image Src|Image Position|Image Alt Text|Gift Card|\
        SEO Title|SEO Description|Google Shopping / Google Product Category|Variant Image|Variant Weight Unit|\
        Variant Tax Code|Cost per item|Status";
    let file =
        filled(header, &[("Type", "Shirts"), ("Variant Compare At Price", "20"), ("Variant Grams", "100")]);
    assert_eq!(
        mapped(&inventory(), &file),
        [
            "Title → name",
            "Body (HTML) → description",
            "Vendor → supplier",
            "Type → category",
            "Variant SKU → sku",
            "Variant Inventory Qty → quantity",
            "Variant Price → unit_price",
            "Variant Barcode → barcode",
            "Cost per item → cost",
        ]
    );
    assert_eq!(
        suggestion(&inventory(), &file, "Variant Inventory Qty").reason,
        "Shopify's name for quantity"
    );
}

#[test]
fn shopify_products_since() {
    let header = "Title|URL handle|Description|Vendor|Product category|Type|Tags|Published on online store|Status|SKU|Barcode|\
        Option1 name|Option1 value|Option1 Linked To|Price|Compare-at price|Cost per item|Charge tax|Tax code|\
        Unit price total measure|Unit price total measure unit|Unit price base measure|Inventory tracker|\
        Inventory quantity|Continue selling when out of stock|Weight value (grams)|Weight unit for display|\
        Requires shipping|Fulfillment service|Product image URL|Image position|Image alt text|Variant image URL|\
        Gift card|SEO title|SEO description";
    let values =
        [("Product category", ""), ("Type", "Shirts"), ("Unit price total measure", "1"), ("Price", "9.50")];
    assert_eq!(
        mapped(&inventory(), &filled(header, &values)),
        [
            "Title → name",
            "Description → description",
            "Vendor → supplier",
            "Type → category",
            "SKU → sku",
            "Barcode → barcode",
            "Price → unit_price",
            "Cost per item → cost",
            "Inventory quantity → quantity",
        ]
    );
    let categorised = filled(header, &[("Product category", "Apparel"), ("Type", "Shirts")]);
    assert!(mapped(&inventory(), &categorised).contains(&"Product category → category".to_owned()));
}

const SHOPIFY_INVENTORY: &str = "Handle|Title|Option1 Name|Option1 Value|Option2 Name|Option2 Value|Option3 Name|Option3 Value|\
    SKU|HS Code|COO|Location|Bin name|Incoming (not editable)|Unavailable (not editable)|Committed (not editable)|\
    Available (not editable)|On hand (current)|On hand (new)";

#[test]
fn shopify_inventory() {
    let known =
        [("Available (not editable)", "4"), ("On hand (current)", "5"), ("Incoming (not editable)", "2")];
    let counted = filled(SHOPIFY_INVENTORY, &[known.as_slice(), &[("On hand (new)", "7")]].concat());
    let others =
        ["Title → name", "SKU → sku", "Location → location", "Incoming (not editable) → quantity_on_order"];
    assert_eq!(mapped(&inventory(), &counted)[..4], others);
    assert_eq!(mapped(&inventory(), &counted)[4..], ["On hand (new) → quantity"]);
    assert_eq!(
        suggestion(&inventory(), &counted, "On hand (new)").reason,
        "Shopify's name for quantity; it comes before the current value"
    );
    let uncounted = filled(SHOPIFY_INVENTORY, &known);
    assert_eq!(mapped(&inventory(), &uncounted)[4..], ["On hand (current) → quantity"]);
}

#[test]
fn shopify_inventory_counted_in_part_is_for_people_to_decide() {
    let file = filled(
        SHOPIFY_INVENTORY,
        &[("On hand (current)", "5"), ("On hand (new)", "7"), ("Available (not editable)", "4")],
    );
    let current_only =
        filled(SHOPIFY_INVENTORY, &[("On hand (current)", "5"), ("Available (not editable)", "4")]);
    let file = format!("{file}\n{}", current_only.lines().nth(1).expect("a row"));
    assert!(mapped(&inventory(), &file).iter().all(|pair| !pair.ends_with("→ quantity")));
    assert_eq!(suggestion(&inventory(), &file, "On hand (new)").confidence, 0.6);
    assert_eq!(suggestion(&inventory(), &file, "Available (not editable)").confidence, 0.0);
}

#[test]
fn woocommerce() {
    let header = "ID|Type|SKU|GTIN, UPC, EAN, or ISBN|Name|Published|Is featured?|Visibility in catalog|Short description|\
        Description|Date sale price starts|Date sale price ends|Tax status|Tax class|In stock?|Stock|Low stock amount|\
        Backorders allowed?|Sold individually?|Weight (lbs)|Length (in)|Width (in)|Height (in)|Allow customer reviews?|\
        Purchase note|Sale price|Regular price|Categories|Tags|Shipping class|Images|Download limit|\
        Download expiry days|Parent|Grouped products|Upsells|Cross-sells|External URL|Button text|Position|\
        Attribute 1 name|Attribute 1 value(s)|Attribute 1 visible|Attribute 1 global|Meta: _x|Cost of goods|\
        Commodity code (HS code)|Country of origin";
    let values = [
        ("In stock?", "1"),
        ("Type", "simple"),
        ("Sale price", "8"),
        ("Regular price", "9"),
        ("Description", "x"),
    ];
    assert_eq!(
        mapped(&inventory(), &filled(header, &values)),
        [
            "SKU → sku",
            "GTIN, UPC, EAN, or ISBN → barcode",
            "Name → name",
            "Description → description",
            "Stock → quantity",
            "Low stock amount → reorder_level",
            "Regular price → unit_price",
            "Categories → category",
            "Cost of goods → cost",
        ]
    );
}

#[test]
fn bigcommerce() {
    assert_eq!(
        mapped(
            &inventory(),
            "Product ID|Product Code/SKU|Bin Picking Number|Brand Name|Product Name|Price|Current Stock Level"
        ),
        [
            "Product Code/SKU → sku",
            "Bin Picking Number → location",
            "Product Name → name",
            "Price → unit_price",
            "Current Stock Level → quantity",
        ]
    );
}

#[test]
fn without_its_signature_a_vendors_file_is_still_understood_by_its_words() {
    assert_eq!(
        mapped(&inventory(), "Title|Variant SKU|Variant Price|Variant Inventory Qty"),
        [
            "Title → name",
            "Variant SKU → sku",
            "Variant Price → unit_price",
            "Variant Inventory Qty → quantity"
        ]
    );
}
