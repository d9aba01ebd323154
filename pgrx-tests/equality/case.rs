//! A table, a file for it, and how it is imported, at random.

use super::values::Values;
use fastrand::Rng;

/// A column that a table may have: its definition, what its cells are like, and whether its values go in bulk.
struct Choice(&'static str, Values, bool);

const COLUMNS: [Choice; 43] = [
    Choice("text", Values::Text, true),
    Choice("text NOT NULL DEFAULT 'none'", Values::Text, true),
    Choice("text COLLATE blind", Values::Short, true),
    Choice("text", Values::Long, true),
    Choice("text DEFAULT to_char(now(), 'TZH')", Values::Short, true),
    Choice("varchar(5)", Values::Short, true),
    Choice("char(7)", Values::Short, true),
    Choice("smallint", Values::Integer, true),
    Choice("integer", Values::Integer, true),
    Choice("integer NOT NULL DEFAULT 7", Values::Integer, true),
    Choice("integer CHECK (% >= -5)", Values::Integer, true),
    Choice("bigint CHECK (% > -5) CHECK (% < 1000)", Values::Integer, true),
    Choice("bigint NOT NULL", Values::Integer, true),
    Choice("numeric", Values::Decimal, true),
    Choice("numeric(12, 2) CHECK (% >= 0)", Values::Decimal, true),
    Choice("numeric(8, 0) CHECK (% <= 1000)", Values::Decimal, true),
    Choice("numeric(6, 3) DEFAULT 1.5 CHECK (% > -5)", Values::Decimal, true),
    Choice("numeric CHECK (% >= 0 AND % < 800 OR % IS NULL)", Values::Decimal, true),
    Choice("numeric NOT NULL DEFAULT 5 CHECK (% >= 0 AND % < 800)", Values::Decimal, true),
    Choice("real CHECK (% > 0)", Values::Float, true),
    Choice("double precision CHECK (% <= 900)", Values::Float, true),
    Choice("text NOT NULL DEFAULT 'glad' CHECK (% IN ('glad', 'sad'))", Values::Mood, true),
    Choice("varchar(5) CHECK (length(%) BETWEEN 1 AND 4 AND % <> 'äbc')", Values::Short, true),
    Choice("numeric(30, 20) CHECK (% <= 9223372036854775807)", Values::Decimal, true),
    Choice("real", Values::Float, true),
    Choice("double precision NOT NULL DEFAULT 0.1", Values::Float, true),
    Choice("boolean", Values::Boolean, true),
    Choice("boolean NOT NULL DEFAULT true", Values::Boolean, true),
    Choice("date", Values::Date, true),
    Choice("date NOT NULL DEFAULT CURRENT_DATE", Values::Date, true),
    Choice("timestamp", Values::Moment, true),
    Choice("timestamp DEFAULT '2024-05-05 10:00:00.5+02'", Values::Moment, true),
    Choice("timestamptz", Values::Zoned, true),
    Choice("uuid", Values::Uuid, true),
    Choice("jsonb", Values::Json, true),
    Choice("jsonb NOT NULL DEFAULT '{}'", Values::Json, true),
    Choice("mood DEFAULT 'sad'", Values::Mood, true),
    Choice("mood NOT NULL DEFAULT 'glad'", Values::Mood, true),
    Choice("timestamptz", Values::Unzoned, false),
    Choice("timestamp(0)", Values::Moment, false),
    Choice("text[]", Values::Array, false),
    Choice("inet", Values::Address, false),
    Choice("even DEFAULT 2", Values::Integer, false),
];

/// What does not keep rows from going in bulk; `$` is the table, `%` one of its columns.
const INDEXES: [&str; 19] = [
    "CREATE INDEX ON $ (k DESC)",
    "CREATE INDEX ON $ (admin_id, k) INCLUDE (v0)",
    "CREATE INDEX ON $ USING hash (k)",
    "CREATE INDEX ON $ USING brin (k)",
    "CREATE UNIQUE INDEX ON $ (admin_id, number)",
    "CREATE UNIQUE INDEX ON $ (admin_id, number) NULLS NOT DISTINCT",
    "CREATE INDEX ON $ (number NULLS FIRST, k)",
    "CREATE INDEX ON $ (number, k)",
    "CREATE INDEX ON $ (v0)",
    "CREATE UNIQUE INDEX ON $ (admin_id, id) INCLUDE (k)",
    "ALTER TABLE $ ADD COLUMN IF NOT EXISTS token uuid NOT NULL DEFAULT gen_random_uuid(); CREATE INDEX ON $ (token, k)",
    "CREATE INDEX ON $ (v1 DESC, v0)",
    "CREATE INDEX ON $ (k COLLATE \"C\")",
    "CREATE INDEX ON $ (k COLLATE blind)",
    "CREATE INDEX ON $ (k text_pattern_ops) TABLESPACE aside",
    "CREATE INDEX ON $ (v2)",
    "ALTER TABLE $ SET UNLOGGED",
    "ALTER TABLE $ SET TABLESPACE aside",
    "CREATE OR REPLACE TRIGGER tell_old AFTER UPDATE ON $ FOR EACH ROW EXECUTE FUNCTION tell()",
];

/// What fires after each row; rows may be refused by it.
const FIRED: [&str; 12] = [
    "CREATE TRIGGER tell_all AFTER INSERT ON $ FOR EACH ROW EXECUTE FUNCTION tell()",
    "CREATE TRIGGER tell_few AFTER INSERT OR UPDATE ON $ FOR EACH ROW WHEN (NEW.number % 7 = 3) EXECUTE FUNCTION tell()",
    "CREATE TRIGGER tell_texts AFTER INSERT ON $ FOR EACH ROW WHEN (NEW.k > 'k0005') EXECUTE FUNCTION tell()",
    "CREATE CONSTRAINT TRIGGER tell_late AFTER INSERT ON $ DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tell()",
    "CREATE TRIGGER judge AFTER INSERT ON $ FOR EACH ROW EXECUTE FUNCTION judge()",
    "CREATE TRIGGER amend AFTER INSERT ON $ FOR EACH ROW WHEN (NEW.number % 100 = 7) EXECUTE FUNCTION amend()",
    "ALTER TABLE $ ADD FOREIGN KEY (number) REFERENCES numbers",
    "ALTER TABLE $ ADD FOREIGN KEY (number) REFERENCES all_numbers",
    "ALTER TABLE $ ADD FOREIGN KEY (admin_id, number) REFERENCES team_numbers",
    "ALTER TABLE $ ADD FOREIGN KEY (admin_id, number) REFERENCES team_numbers MATCH FULL",
    "ALTER TABLE $ ADD FOREIGN KEY (k) REFERENCES keys",
    "ALTER TABLE $ ADD FOREIGN KEY (number) REFERENCES all_numbers DEFERRABLE INITIALLY DEFERRED",
];

/// What does.
const OBSTACLES: [&str; 14] = [
    "CREATE INDEX ON $ (lower(k))",
    "CREATE UNIQUE INDEX ON $ (admin_id, number) WHERE k > 'k5'",
    "CREATE TRIGGER shout BEFORE INSERT ON $ FOR EACH ROW EXECUTE FUNCTION shout()",
    "CREATE TRIGGER tell_news AFTER INSERT ON $ REFERENCING NEW TABLE AS news FOR EACH ROW EXECUTE FUNCTION tell()",
    "CREATE TRIGGER tell_once AFTER INSERT ON $ FOR EACH STATEMENT EXECUTE FUNCTION tell()",
    "CREATE TRIGGER tell_old_once AFTER UPDATE ON $ FOR EACH STATEMENT EXECUTE FUNCTION tell()",
    "CREATE RULE tell AS ON INSERT TO $ DO ALSO NOTIFY told",
    "CREATE POLICY few ON $ AS RESTRICTIVE FOR INSERT WITH CHECK (k <> 'k7')",
    "ALTER TABLE $ ADD COLUMN made text GENERATED ALWAYS AS (k || '!') STORED",
    "ALTER TABLE $ ADD COLUMN masked double precision DEFAULT random()",
    "ALTER TABLE $ ADD COLUMN masked text DEFAULT 'N' || nextval('free')",
    "ALTER TABLE $ ADD CHECK (number % 7 <> 3)",
    "ALTER TABLE $ ADD UNIQUE (admin_id, k, number) DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE $ ADD COLUMN even even NOT NULL DEFAULT 4",
];

const IDS: [&str; 5] = [
    "uuid PRIMARY KEY DEFAULT gen_random_uuid()",
    "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    "serial PRIMARY KEY",
    "bigserial",
];

pub struct Case {
    pub table: String,
    pub ddl: String,
    pub file: String,
    pub options: String,
    /// Rows that the table has before.
    pub existing: String,
    /// Every accepted row goes in bulk, and nothing is updated.
    pub is_plain: bool,
    /// No row goes in bulk.
    pub needs_sql: bool,
}

impl Case {
    pub fn throw(number: u64, rng: &mut Rng) -> Self {
        let table = format!("t{number}");
        let (columns, carried) = columns(rng);
        let is_partitioned = rng.u64(..12) == 0;
        let obstacle = (rng.u64(..4) == 0).then(|| *rng.choice(&OBSTACLES).unwrap());
        let is_keyed = rng.u64(..4) != 0;
        let mut ddl = create(&columns, is_partitioned, rng);
        let key = if is_keyed { "key_columns => ARRAY['k']" } else { "key_columns => '{}'" };
        ddl += &format!("SELECT teamwork.protect_table('$', {key});");
        let mut has_unique = false;
        for _ in 0..rng.u64(..4) {
            let index = *rng.choice(&INDEXES).unwrap();
            if !is_partitioned || !(index.contains("UNIQUE") || index.contains(" SET ")) {
                has_unique |= index.contains("UNIQUE");
                ddl += &format!("{index};");
            }
        }
        if rng.u64(..3) == 0 {
            ddl += &format!(
                "{};{};",
                rng.choice(&FIRED).unwrap(),
                rng.choice(&FIRED).unwrap().replace("TRIGGER ", "TRIGGER other_")
            );
        }
        let may_have =
            |sql: &&str| !(is_partitioned && (sql.contains("UNIQUE") || sql.contains("NEW TABLE")));
        let obstacle = obstacle.filter(may_have);
        ddl += &obstacle.map(|sql| format!("{sql};")).unwrap_or_default();
        let has_existing = is_keyed && rng.u64(..3) == 0;
        // What is met in one batch counts in the next.
        let large = if has_existing { 4 } else { 20 };
        let rows = if rng.u64(..large) == 0 { 20_000 + rng.u64(..4_000) } else { 1_500 + rng.u64(..2_000) };
        let is_ascending = rng.u64(..2) == 0;
        let file = file(&carried, rows, is_ascending, has_existing, rng);
        let mode = *rng.choice(&["update", "update", "skip", "error"]).unwrap();
        let existing = if has_existing { existing(rows, rng) } else { String::new() };
        let needs_sql = is_partitioned || obstacle.is_some() || carried.iter().any(|column| !column.1.2);
        Self {
            ddl: ddl.replace('$', &table),
            table,
            file,
            options: format!(r#"{{"on_conflict": "{mode}"}}"#),
            existing,
            is_plain: !needs_sql && !has_existing && !has_unique,
            needs_sql,
        }
    }
}

type Named = (String, &'static Choice);

/// Some columns, and those of them that the file has.
fn columns(rng: &mut Rng) -> (Vec<Named>, Vec<Named>) {
    // What is not for the bulk path comes seldom: it would keep the rest from being seen.
    let usual = COLUMNS.iter().filter(|choice| choice.2).count() as u64;
    let mut choose = |position| {
        let among = if rng.u64(..30) == 0 { COLUMNS.len() as u64 } else { usual };
        (format!("v{position}"), &COLUMNS[rng.u64(..among) as usize])
    };
    let columns: Vec<Named> = (0..9).map(&mut choose).collect();
    let is_needed = |choice: &Choice| choice.0.contains("NOT NULL") && !choice.0.contains("DEFAULT");
    let carried =
        columns.iter().filter(|(_, choice)| is_needed(choice) || rng.u64(..4) != 0).cloned().collect();
    (columns, carried)
}

fn create(columns: &[Named], is_partitioned: bool, rng: &mut Rng) -> String {
    let id = *rng.choice(&IDS).unwrap();
    let id = if is_partitioned { "bigserial" } else { id };
    let mut all =
        vec![format!("id {id}"), "gone integer".into(), "k text NOT NULL".into(), "number integer".into()];
    all.extend(columns.iter().map(|(name, choice)| format!("{name} {}", choice.0.replace('%', name))));
    if rng.u64(..2) == 0 {
        all.push("attributes jsonb".into());
    }
    if rng.u64(..2) == 0 {
        all.push("import_id uuid".into());
    }
    let partitions = if is_partitioned {
        " PARTITION BY HASH (admin_id); CREATE TABLE $_1 PARTITION OF $ FOR VALUES WITH (MODULUS 1, REMAINDER 0)"
    } else {
        ""
    };
    if is_partitioned {
        all.push("admin_id uuid".into());
    }
    let drop = if rng.u64(..2) == 0 { "ALTER TABLE $ DROP COLUMN gone;" } else { "" };
    format!("CREATE TABLE $ ({}){partitions};{drop}", all.join(", "))
}

/// With a column that the table does not have: attributes.
fn file(carried: &[Named], rows: u64, is_ascending: bool, repeats: bool, rng: &mut Rng) -> String {
    let names: Vec<&str> = carried.iter().map(|(name, _)| name.as_str()).collect();
    let (has_more, odd) = ((rng.u64(..2) == 0), (rng.u64(..6) == 0));
    let mut file = format!("k,number,{}{}\n", names.join(","), if has_more { ",More of it" } else { "" });
    for row in 0..rows {
        let again = repeats && rng.u64(..500) == 0;
        let number = if again { rng.u64(..row + 1) } else { row };
        // An odd factor goes through all numbers below a power of two.
        let key = if is_ascending { number } else { number * 7_919 % 32_768 };
        let mut cells = vec![format!("k{key:06}"), (key + 3).to_string()];
        cells.extend(carried.iter().map(|(_, choice)| choice.1.cell(odd, rng)));
        if has_more {
            cells.push(Values::Short.cell(odd, rng));
        }
        file += &cells.join(",");
        file.push('\n');
    }
    file
}

/// Some of the keys; numbers that others of them want, or that they have.
fn existing(rows: u64, rng: &mut Rng) -> String {
    let step = *rng.choice(&[2, 97]).unwrap();
    let line = |key: u64| {
        format!(
            "k{key:06},{},{}\n",
            key + *rng.choice(&[3, 5]).unwrap(),
            *rng.choice(&["", "of old"]).unwrap()
        )
    };
    let lines: String = (0..rows).step_by(step).take(2_000).map(line).collect();
    format!("k,number,Once\n{lines}")
}
