//! Lines about a file above its header, as wide as its table; and headers whose place is told.

mod support;

use intake::*;
use support::*;

fn open(text: &str, header: Option<Header>) -> Result<(u64, Vec<String>), FileError> {
    let options = ReadOptions { header, ..ReadOptions::default() };
    let file = CsvFile::open(text.as_bytes(), &options)?;
    let line = file.header().map_or(0, |(line, _)| line);
    Ok((line, file.columns().to_vec()))
}

fn header_line(text: &str) -> u64 {
    open(text, None).unwrap().0
}

#[test]
fn lines_as_wide_as_the_table_are_no_header() {
    for (line, text) in [
        (
            5,
            "Code de la banque : 20202;Date de début : 01/03/2024;Date de fin : 31/03/2024;;\n\
             Numéro de compte : 99887766;Devise : EUR;;;\n\nSolde en fin de période;;;1 020,25;\n\
             Date;Libellé;Débit;Crédit;Détail\n02/03/2024;VIREMENT;;300,00;Facture 12\n\
             11/03/2024;PRLV;-79,75;;Mars\nSolde en début de période;;;820,00;\n",
        ),
        (
            5,
            "Bank code : 20202,Agency Code : 10000,Start : 01/04/2024,End : 30/04/2024,,\n\
             Account Number : 99887766,Account Name : Ada Quill,: EUR,,,\n,,,,,\nBalance,,,,\"+1070,11\",\n\
             Date,Operation Number,Label,Debit,Credit,Detail\n01/04/24,OP 1,RENT,\"-50,00\",,D 1\n\
             03/04/24,OP 3,SALE,,\"1300,00\",D 3\n",
        ),
        (
            3,
            "Stock of : North;by : Ada;on : 2024-03-04\nWarehouse : 7;;\nsku;name;quantity\nA;Lamp;5\nB;Bulb;7\n",
        ),
        (2, "Report,2024-03-04,ada@example.org\nsku,name,quantity\nA,Lamp,5\nB,Bulb,7\n"),
        (3, "Exported by,Ada,Quill\nfrom,Main,shop\nItem No.,Description,Qty\n1001,Lamp,5\n1002,Bulb,7\n"),
        (
            4,
            "Firma;Orme;Ulm\nStand;04.03.2024;12:30\nSeite;1;1\nArtikelnummer;Bezeichnung;Menge\nA1;Lampe;5\nA2;Birne;7\n",
        ),
        (
            2,
            "IBAN,DE02120300000000202051,EUR,4\nDate,Memo,Amount,Balance\n2024-03-04,Rent,-850.00,10\n2024-03-05,Sale,12.00,22\n",
        ),
    ] {
        assert_eq!(header_line(text), line, "{text}");
    }
}

#[test]
fn names_that_mean_nothing_stay_the_header() {
    for text in [
        "Foo,Bar,Baz\nsku,name,quantity\nA,Lamp,5\nB,Bulb,7\n".replace("sku,name,quantity", "x,y,3").as_str(),
        "alpha,beta,gamma\nTitle,Price,9\nother,Stock,8\n",
        // The second table is further below.
        "alpha,beta,gamma\nx,y,9\nz,w,8\nsku,name,quantity\nA,Lamp,5\n",
        "sku,name,quantity\nA,a,5\n\nsku,name,quantity\nB,b,6\n",
        "name,label,note\nTitle,Price,Stock\nSKU,Cost,Barcode\n",
        "Kunde,Ort,Umsatz\nItem,Stock,5\nName,Price,7\n",
    ] {
        assert_eq!(header_line(text), 1, "{text}");
    }
}

#[test]
fn names_of_the_table_and_of_the_mapping_count() {
    let columns = ["code", "grade", "weight"].map(|name| match name {
        "weight" => Column::new(name, Kind::Numeric { precision: None }),
        _ => Column::new(name, Kind::Text { max_chars: None }),
    });
    let table = Table { columns: columns.to_vec(), attributes: None };
    let read = |text: &str, mapping: Option<serde_json::Value>| {
        let mapping = mapping.and_then(|it| it.as_object().cloned());
        let spec = Spec { mapping, ..Spec::new(table.clone()) };
        let (reading, result) = try_read(text.as_bytes(), &spec);
        result.unwrap();
        reading.dialect().unwrap().skip
    };
    assert_eq!(read("Lager : 7,,\nCode,Grade,Weight\nx1,A,1.5\nx2,B,2.5\n", None), 1);
    let mapping = serde_json::json!({"Nr": "code", "Zug": "weight"});
    assert_eq!(read("Lager : 7,,\nNr,Klasse,Zug\nx1,A,1.5\nx2,B,2.5\n", Some(mapping)), 1);
    let sample = Sample::for_table(
        b"on : 2024-03-04,x : y,z : 1\ncode,grade,weight\nx1,A,1.5\n",
        &ReadOptions::default(),
        &table,
    );
    assert_eq!(sample.unwrap().header, ["code", "grade", "weight"]);
}

#[test]
fn a_header_is_on_the_line_that_is_told() {
    let text = "a,b,c\n1,2,3\n\nx,y,z\n4,5,6\n";
    for (line, names) in
        [(1, ["a", "b", "c"]), (2, ["1", "2", "3"]), (4, ["x", "y", "z"]), (5, ["4", "5", "6"])]
    {
        assert_eq!(open(text, Some(Header::Line(line))).unwrap(), (line, names.map(str::to_owned).to_vec()));
    }
    let spec =
        Spec { reading: ReadOptions { header: Some(Header::Line(3)), ..ReadOptions::default() }, ..spec() };
    let (reading, result) =
        try_read("sku,name\nold,x\nsku,name,quantity\nA1,a,5\nA2,b,6\n".as_bytes(), &spec);
    assert!(result.is_ok());
    assert_eq!((reading.lines.as_slice(), reading.dialect().unwrap().skip), (&[4, 5][..], 2));
    let error = open(text, Some(Header::Line(9))).unwrap_err();
    assert_eq!(
        (error.sqlstate(), error.to_string().as_str()),
        ("22023", "file has no header on line 9: it ends before")
    );
}
