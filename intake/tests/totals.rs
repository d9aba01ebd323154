//! Which last row is a row of totals, and which is data.

mod support;

use intake::{CsvFile, Line, ReadOptions, SkipReason};

/// Whether the last line that is not blank is passed over as a row of totals.
fn ends_with_totals(text: &str) -> bool {
    let mut file = CsvFile::open(text.as_bytes(), &ReadOptions::default()).unwrap();
    let mut last = false;
    while let Some(line) = file.next_line().unwrap() {
        last = matches!(line, Line::Skipped(_, SkipReason::Total));
    }
    last
}

#[test]
fn a_row_with_texts_of_its_own_is_data() {
    for text in [
        // A column of zeros has the sum zero.
        "barcode,sku,name,quantity,on_order\n4006381333931,A,Lamp,5,0\n4006381333948,B,Bulb,7,0\n,C,Shade,3,0\n",
        "ref,date,text,amount,fee\nR1,2024-03-04,Rent,-850.00,0\nR2,2024-03-05,Sale,1200.50,0\n,2024-03-06,Cash,40,0\n",
        // The sum by chance.
        "category,sku,name,quantity\nx,A,Lamp,5\nx,B,Bulb,6\n,C,Shade,11\n",
        "note,code,quantity\n,A,5\n,B,6\n,C,11\n",
        "shelf;day;amount\nS1;04.03.2024;1,50\nS2;05.03.2024;2,50\n;06.03.2024;4,00\n",
        "brand,name,quantity\nShell,Oil,5\nTotal,Oil,5\n",
        "brand,sku,quantity\nShell,A1,5\nShell,A2,6\nTotal,A3,11\n",
    ] {
        assert!(!ends_with_totals(text), "{text}");
    }
}

#[test]
fn every_number_must_be_the_sum_of_its_column() {
    for (text, are_totals) in [
        ("sku,name,quantity,cost\nA,a,5,2\nB,b,6,3\n,,11,5\n", true),
        ("sku,name,quantity,cost\nA,a,5,2\nB,b,6,3\n,,11,4\n", false),
        ("sku,name,quantity,cost\nA,a,5,2\nB,b,6,3\nTotal,,11,4\n", false),
        ("sku,name,quantity,cost\nA,a,5,2\nB,b,6,3\nTotal,,11,\n", true),
        ("sku,name,quantity,cost\nA,a,5,0\nB,b,6,0\nTotal,,11,0\n", true),
        ("sku,name,quantity,cost\nA,a,0,0\nB,b,0,0\nTotal,,0,0\n", false),
        ("sku,name,quantity\nA,a,5\nB,b,-5\n,,0\n", false),
        ("sku;name;preis\nA;a;1.000,50\nB;b;2,25\nSumme;;1.002,75\n", true),
        ("a,b,c,d,e,f\nx,1,2,3,4,5\ny,1,2,3,4,5\nTotal,2,4,6,8,11\n", false),
        ("sku,name,share\nA,a,40%\nB,b,60%\nTotal,,100%\n", true),
    ] {
        assert_eq!(ends_with_totals(text), are_totals, "{text}");
    }
}

#[test]
fn labels_and_units_are_no_texts_of_their_own() {
    for text in [
        "sku,name,quantity\nA,a,5\nB,b,6\n,Total,11\n",
        "article;unit;quantity\nA;pcs;5\nB;pcs;6\nGesamt:;pcs;11\n",
        "sku,amount,currency\nA,5,EUR\nB,6,EUR\nTotal,11,EUR\n",
        // Numbers name the articles.
        "code,quantity\n1001,5\n1002,6\nTotal,11\n",
        "code,quantity\n1001,5\n1002,6\n,11\n",
    ] {
        assert!(ends_with_totals(text), "{text}");
    }
}
