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
