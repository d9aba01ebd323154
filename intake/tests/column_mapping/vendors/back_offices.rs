//! Programs that run a business, and the sample that databases come with.

use super::*;

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
fn prestashop() {
    let header = "Product ID|Active (0/1)|Name *|Categories (x,y,z...)|Price tax excluded|Tax rules ID|Wholesale price|On sale (0/1)|Reference #|Supplier reference #|Supplier|Manufacturer|EAN13|UPC|Quantity|Minimal quantity|Low stock level|Summary|Description";
    let values = [
        ("Product ID", "1"),
        ("Name *", "Mug"),
        ("Categories (x,y,z...)", "Kitchen"),
        ("Price tax excluded", "7.50"),
        ("Wholesale price", "3.10"),
        ("Reference #", "M-1"),
        ("Supplier reference #", "9"),
        ("Supplier", "Orme"),
        ("EAN13", "4006381333931"),
        ("Quantity", "4"),
        ("Minimal quantity", "1"),
        ("Low stock level", "2"),
        ("Description", "Blue"),
    ];
    assert_eq!(
        mapped(&inventory(), &filled(header, &values)),
        [
            "Name * → name",
            "Categories (x,y,z...) → category",
            "Price tax excluded → unit_price",
            "Wholesale price → cost",
            "Reference # → sku",
            "Supplier → supplier",
            "EAN13 → barcode",
            "Quantity → quantity",
            "Low stock level → reorder_level",
            "Description → description",
        ]
    );
}

#[test]
fn inventree() {
    let header = "Part ID|Part Name|Part Description|IPN|Minimum Stock|In Stock|On Order|Category Name";
    let values = [
        ("Part ID", "1"),
        ("Part Name", "Mug"),
        ("IPN", "M-1"),
        ("Minimum Stock", "2"),
        ("In Stock", "1"),
        ("On Order", "6"),
        ("Category Name", "Kitchen"),
    ];
    assert_eq!(
        mapped(&inventory(), &filled(header, &values)),
        [
            "Part Name → name",
            "Part Description → description",
            "IPN → sku",
            "Minimum Stock → reorder_level",
            "In Stock → quantity",
            "On Order → quantity_on_order",
            "Category Name → category",
        ]
    );
}

#[test]
fn homebox() {
    let header = "HB.import_ref|HB.location|HB.labels|HB.asset_id|HB.archived|HB.name|HB.quantity|HB.description|HB.purchase_price|HB.purchase_from";
    let values = [
        ("HB.import_ref", "r-1"),
        ("HB.location", "Attic"),
        ("HB.asset_id", "000-001"),
        ("HB.name", "Mug"),
        ("HB.quantity", "1"),
        ("HB.purchase_price", "3.10"),
    ];
    assert_eq!(
        mapped(&inventory(), &filled(header, &values)),
        [
            "HB.import_ref → sku",
            "HB.location → location",
            "HB.name → name",
            "HB.quantity → quantity",
            "HB.description → description",
            "HB.purchase_price → cost",
            "HB.purchase_from → supplier",
        ]
    );
}
