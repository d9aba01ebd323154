//! Marketplaces.

use super::*;

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
