//! The headers of real files, with a row as they have it, and the mapping that a job without one uses.

use super::*;

/// A row with a value in the columns that a mapping looks at; the others are empty.
fn filled(header: &str, values: &[(&str, &str)]) -> String {
    let names: Vec<_> = header.split('|').map(str::trim).collect();
    assert!(values.iter().all(|(name, _)| names.contains(name)), "a value of a column that the file lacks");
    let value = |name: &&str| values.iter().find(|(column, _)| column == name).map_or("", |(_, value)| value);
    format!("{header}\n{}", names.iter().map(value).collect::<Vec<_>>().join("|"))
}

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
fn amazon() {
    let header = "sku|product-id|product-id-type|price|minimum-seller-allowed-price|maximum-seller-allowed-price|item-condition|\
        quantity|add-delete|will-ship-internationally|expedited-shipping|standard-plus|item-note|\
        fulfillment-center-id|item-name|item-description|image-url|brand-name|fulfillment-channel";
    let loader = [
        "sku → sku",
        "price → unit_price",
        "quantity → quantity",
        "item-name → name",
        "item-description → description",
    ];
    assert_eq!(
        mapped(&inventory(), &filled(header, &[("product-id", "B00X"), ("item-description", "x")])),
        loader
    );
    let report = "seller-sku|fulfillment-channel-sku|asin|condition-type|Warehouse-Condition-code|product-name|afn-fulfillable-quantity";
    assert_eq!(
        mapped(&inventory(), report),
        ["seller-sku → sku", "product-name → name", "afn-fulfillable-quantity → quantity"]
    );
}

#[test]
fn etsy() {
    let header = "TITLE|DESCRIPTION|PRICE|CURRENCY_CODE|QUANTITY|TAGS|MATERIALS|IMAGE1|IMAGE2|VARIATION 1 TYPE|VARIATION 1 NAME|\
        VARIATION 1 VALUES|VARIATION 2 TYPE|VARIATION 2 NAME|VARIATION 2 VALUES|SKU";
    let expected = [
        "TITLE → name",
        "DESCRIPTION → description",
        "PRICE → unit_price",
        "QUANTITY → quantity",
        "SKU → sku",
    ];
    assert_eq!(mapped(&inventory(), header), expected);
}

#[test]
fn ebay() {
    let file_exchange = "*Action(SiteID=US;Country=US;Currency=USD;Version=1193;CC=UTF-8)|CustomLabel|*Category|*Title|\
        *ConditionID|PicURL|*StartPrice|*Quantity|C:Brand|P:UPC|*Location";
    assert_eq!(
        mapped(&inventory(), file_exchange),
        [
            "CustomLabel → sku",
            "*Category → category",
            "*Title → name",
            "*StartPrice → unit_price",
            "*Quantity → quantity",
            "P:UPC → barcode",
            "*Location → location",
        ]
    );
    let seller_hub = "Item number|Custom label (SKU)|Category ID|Title|Relationship|P:UPC|P:ISBN|Start price|Quantity|\
        Item photo URL|Condition ID|Format|Duration";
    assert_eq!(
        mapped(&inventory(), &filled(seller_hub, &[("Item number", "1234"), ("P:ISBN", "9780000000001")])),
        [
            "Custom label (SKU) → sku",
            "Category ID → category",
            "Title → name",
            "P:ISBN → barcode",
            "Start price → unit_price",
            "Quantity → quantity",
        ]
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
fn odoo() {
    assert_eq!(
        mapped(
            &inventory(),
            "External ID|Name|Internal Reference|Barcode|Sales Price|Cost|Quantity On Hand|Product Category"
        ),
        [
            "Name → name",
            "Internal Reference → sku",
            "Barcode → barcode",
            "Sales Price → unit_price",
            "Cost → cost",
            "Quantity On Hand → quantity",
            "Product Category → category",
        ]
    );
    assert_eq!(
        mapped(
            &inventory(),
            "id|name|default_code|barcode|list_price|standard_price|qty_available|categ_id/name|uom_id/id"
        ),
        [
            "name → name",
            "default_code → sku",
            "barcode → barcode",
            "list_price → unit_price",
            "standard_price → cost",
            "qty_available → quantity",
            "categ_id/name → category",
        ]
    );
}

#[test]
fn erpnext() {
    assert_eq!(
        mapped(
            &inventory(),
            "Item Code|Item Name|Item Group|Default Unit of Measure|Opening Stock|Standard Selling Rate|Valuation Rate"
        ),
        [
            "Item Code → sku",
            "Item Name → name",
            "Item Group → category",
            "Default Unit of Measure → unit_of_measure",
            "Opening Stock → quantity",
            "Standard Selling Rate → unit_price",
            "Valuation Rate → cost",
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

#[test]
fn northwind() {
    assert_eq!(
        mapped(
            &inventory(),
            "productID|productName|supplierID|categoryID|quantityPerUnit|unitPrice|unitsInStock|unitsOnOrder|reorderLevel|discontinued"
        ),
        [
            "productID → sku",
            "productName → name",
            "supplierID → supplier",
            "categoryID → category",
            "quantityPerUnit → unit_of_measure",
            "unitPrice → unit_price",
            "unitsInStock → quantity",
            "unitsOnOrder → quantity_on_order",
            "reorderLevel → reorder_level",
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
