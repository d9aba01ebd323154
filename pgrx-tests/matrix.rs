//! The access matrix: every kind of caller, every table and view, every command, every kind of row, against a model written
//! from the contract and apart from the policies.

use crate::fixture::{self, Database, id};
use postgres::Client;
use std::fmt::Write;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Person {
    A,
    ManagerA,
    A1,
    A2,
    InactiveA,
    B,
}
use Person::{A, A1, A2, B, InactiveA, ManagerA};

impl Person {
    fn id(self) -> String {
        match self {
            B => id(2, 0),
            _ => id(1, self as u32),
        }
    }

    /// The team, as its admin.
    fn team(self) -> Self {
        if self == B { B } else { A }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Caller {
    Anon,
    WithoutClaims,
    User(Person),
    ServiceRole,
}
use Caller::{Anon, ServiceRole, User, WithoutClaims};

const CALLERS: [Caller; 9] =
    [Anon, WithoutClaims, User(A), User(ManagerA), User(A1), User(A2), User(InactiveA), User(B), ServiceRole];
/// Whose row it is. The deactivated member's own is the one that they may still read.
const OWNERS: [Person; 4] = [A, A1, InactiveA, B];
const EVERYBODY: [Person; 6] = [A, ManagerA, A1, A2, InactiveA, B];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Command {
    Select,
    Insert,
    Update,
    Delete,
}
use Command::{Delete, Insert, Select, Update};

const COMMANDS: [Command; 4] = [Select, Insert, Update, Delete];
const RELATIONS: [&str; 9] = [
    "user_profiles",
    "profiles",
    "transactions",
    "inventory",
    "staff",
    "parcels",
    "scheduled_jobs",
    "scheduled_job_errors",
    "background_imports",
];

/// Has rows of admins only and one command: regress/sql/invitations.sql looks at it.
const ELSEWHERE: [&str; 1] = ["team_invitations"];

const DONE: &str = "1 row";
const NOT_FOUND: &str = "0 rows";
const DENIED: &str = "42501";
const HAS_DEPENDANTS: &str = "23503";
const NO_SUCH_WAY: &str = "55000";

/// The contract, sections 2 to 4.
fn model(caller: Caller, relation: &str, command: Command, owner: Person) -> &'static str {
    let found = |it: bool| if it { DONE } else { NOT_FOUND };
    let permitted = |it: bool| if it { DONE } else { DENIED };
    match (relation, command) {
        // A view of several tables: PostgreSQL says so before it asks who is calling.
        ("background_imports", Insert | Update | Delete) => return NO_SUCH_WAY,
        ("profiles", Insert | Update | Delete) => return DENIED,
        _ => (),
    }
    let caller = match caller {
        Anon => return DENIED,
        ServiceRole if (relation, command) == ("user_profiles", Delete) && owner == owner.team() => {
            return HAS_DEPENDANTS;
        }
        // What became of a job, the engine alone writes.
        ServiceRole if relation == "scheduled_job_errors" && [Insert, Update].contains(&command) => {
            return DENIED;
        }
        ServiceRole => return DONE,
        WithoutClaims | User(InactiveA) => None,
        User(person) => Some(person),
    };
    let is_own = caller == Some(owner) && owner != InactiveA;
    let is_of_team = caller.is_some_and(|caller| caller.team() == owner.team());
    let is_admins = is_of_team && caller == Some(owner.team());
    match (relation, command) {
        ("user_profiles", Insert) => permitted(is_admins),
        ("user_profiles", Update) => found(is_own || is_admins),
        ("user_profiles", Delete) => found(is_admins && !is_own),
        ("scheduled_jobs", Insert) => permitted(is_of_team),
        ("scheduled_jobs", Delete) => found(is_own || is_admins),
        ("scheduled_jobs", Update) | ("scheduled_job_errors", Insert | Update | Delete) => DENIED,
        (_, Insert) => permitted(is_own),
        _ => found(is_of_team),
    }
}

/// What a deactivated member may do to the own profile is more than the model says of everybody: read it.
fn expected(caller: Caller, relation: &str, command: Command, owner: Person) -> &'static str {
    let is_own_profile = caller == User(owner) && ["user_profiles", "profiles"].contains(&relation);
    if is_own_profile && command == Select { DONE } else { model(caller, relation, command, owner) }
}

/// Of a statement without WHERE, which asks no policy but the command's own: as many rows as there are to be found.
fn expected_of_all(caller: Caller, relation: &str, command: Command) -> String {
    let owners = if ["user_profiles", "profiles"].contains(&relation) { &EVERYBODY[..] } else { &OWNERS };
    let outcomes = owners.iter().map(|owner| expected(caller, relation, command, *owner));
    match outcomes.clone().find(|outcome| ![DONE, NOT_FOUND].contains(outcome)) {
        Some(refusal) => refusal.to_owned(),
        None => rows(outcomes.filter(|outcome| *outcome == DONE).count() as u64),
    }
}

fn rows(count: u64) -> String {
    if count == 1 { DONE.to_owned() } else { format!("{count} rows") }
}

/// The relation's column that says whose a row is, its value for that person, and a column to edit.
fn columns(relation: &str, owner: Person) -> (&'static str, String, &'static str) {
    match relation {
        "user_profiles" | "profiles" => ("id", owner.id(), "full_name"),
        "transactions" => ("owner_id", owner.id(), "category"),
        "inventory" => ("owner_id", owner.id(), "name"),
        "staff" => ("owner_id", owner.id(), "position"),
        "parcels" => ("owner_id", owner.id(), "label"),
        "scheduled_jobs" => ("created_by", owner.id(), "file_name"),
        "scheduled_job_errors" => ("job_id", job_of(owner), "message"),
        "background_imports" => ("created_by", owner.id(), "status"),
        _ => unreachable!("{relation}"),
    }
}

fn job_of(owner: Person) -> String {
    id(9, owner as u32)
}

/// Inserts a row that claims to be that person's, or into their team where rows have no owner.
fn insertion(relation: &str, owner: Person) -> String {
    let (person, team, job, new) = (owner.id(), owner.team().id(), job_of(owner), id(8, 0));
    let whose = format!("'{person}', '{team}'");
    match relation {
        "user_profiles" => format!(
            "INSERT INTO user_profiles (id, role, created_by, admin_id) VALUES ('{new}', 'staff', {whose})"
        ),
        "profiles" => format!("INSERT INTO profiles (id, role) VALUES ('{new}', 'admin')"),
        "transactions" => {
            format!("INSERT INTO transactions (amount, owner_id, admin_id) VALUES (1, {whose})")
        }
        "inventory" => {
            format!("INSERT INTO inventory (sku, name, owner_id, admin_id) VALUES ('{new}', 'New', {whose})")
        }
        "staff" => format!("INSERT INTO staff (full_name, owner_id, admin_id) VALUES ('New', {whose})"),
        "parcels" => format!("INSERT INTO parcels (label, owner_id, admin_id) VALUES ('New', {whose})"),
        "scheduled_jobs" => format!(
            r#"INSERT INTO scheduled_jobs (job_type, data_type, file_data, scheduled_time, created_by, organization_id)
               VALUES ('import', 'inventory', '{{"records": [{{"sku": "S", "name": "N"}}]}}', now() + interval '1 year', {whose})"#
        ),
        "scheduled_job_errors" => format!(
            "INSERT INTO scheduled_job_errors (job_id, line, code, message) VALUES ('{job}', 1, '22000', 'New')"
        ),
        "background_imports" => format!("INSERT INTO background_imports (job_id) VALUES ('{new}')"),
        _ => unreachable!("{relation}"),
    }
}

fn statement(relation: &str, command: Command, owner: Person) -> String {
    let (key, value, column) = columns(relation, owner);
    match command {
        Select => format!("SELECT FROM {relation} WHERE {key} = '{value}'"),
        Insert => insertion(relation, owner),
        Update => format!("UPDATE {relation} SET {column} = 'edited' WHERE {key} = '{value}'"),
        Delete => format!("DELETE FROM {relation} WHERE {key} = '{value}'"),
    }
}

/// One row of each kind for each owner.
fn furnish(database: &Database) {
    let mut superuser = database.superuser();
    let (admin_a, admin_b) = (A.id(), B.id());
    let mut sql = format!(
        "CREATE TABLE parcels (label text);
         SELECT teamwork.protect_table('parcels');
         SELECT teamwork.set_role_limit('staff', 9);
         DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %s TO anon',
             (SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'teamwork')); END $$;
         INSERT INTO user_profiles (id, role) VALUES ('{admin_a}', 'admin'), ('{admin_b}', 'admin');"
    );
    for (person, role) in [(ManagerA, "manager"), (A1, "staff"), (A2, "staff"), (InactiveA, "staff")] {
        let (member, is_active) = (person.id(), person != InactiveA);
        write!(sql, "INSERT INTO user_profiles (id, role, admin_id, is_active) VALUES ('{member}', '{role}', '{admin_a}', {is_active});").unwrap();
    }
    for owner in OWNERS {
        let (new, job) = (id(8, 0), job_of(owner));
        for relation in ["transactions", "inventory", "staff", "parcels", "scheduled_jobs"] {
            write!(sql, "{};", insertion(relation, owner).replace(&new, &job)).unwrap();
        }
        let person = owner.id();
        write!(sql, "UPDATE scheduled_jobs SET id = '{job}' WHERE created_by = '{person}';").unwrap();
        write!(sql, "{};", insertion("scheduled_job_errors", owner)).unwrap();
    }
    superuser.batch_execute(&sql).unwrap();
}

fn connect(database: &Database, caller: Caller) -> Client {
    let mut client = database.superuser();
    let (role, claims) = match caller {
        Anon => ("anon", r#"{"role": "anon"}"#.to_owned()),
        WithoutClaims => ("authenticated", String::new()),
        User(person) => {
            ("authenticated", format!(r#"{{"role": "authenticated", "sub": "{}"}}"#, person.id()))
        }
        ServiceRole => ("service_role", r#"{"role": "service_role"}"#.to_owned()),
    };
    client.batch_execute(&format!("SET ROLE {role}; SET request.jwt.claims = '{claims}'")).unwrap();
    client
}

/// What becomes of a statement, which is undone.
fn attempt(client: &mut Client, sql: &str) -> String {
    let mut transaction = client.transaction().unwrap();
    match transaction.execute(sql, &[]) {
        // What is checked at commit counts, too.
        Ok(count) => match transaction.batch_execute("SET CONSTRAINTS ALL IMMEDIATE") {
            Ok(()) => rows(count),
            Err(error) => fixture::code(&error).code().to_owned(),
        },
        Err(error) => fixture::code(&error).code().to_owned(),
    }
}

fn compare(database: &Database) {
    furnish(database);
    let mut differences = String::new();
    for caller in CALLERS {
        let mut client = connect(database, caller);
        let mut try_one = |relation: &str, command, whose: &str, sql: &str, expected: &str| {
            let outcome = attempt(&mut client, sql);
            if outcome != expected {
                writeln!(
                    differences,
                    "{caller:?}: {command:?} {relation}, {whose}: {outcome}, not {expected}"
                )
                .unwrap();
            }
        };
        for (relation, command) in
            RELATIONS.iter().flat_map(|relation| COMMANDS.map(|command| (*relation, command)))
        {
            for owner in OWNERS {
                let expected = expected(caller, relation, command, owner);
                let whose = format!("a row of {owner:?}");
                try_one(relation, command, &whose, &statement(relation, command, owner), expected);
            }
            if command != Insert {
                let sql = statement(relation, command, A);
                let (all, _) = sql.split_once(" WHERE ").unwrap();
                try_one(relation, command, "all rows", all, &expected_of_all(caller, relation, command));
            }
        }
    }
    assert!(differences.is_empty(), "the access matrix differs from its model:\n{differences}");
}

/// A table or a view that is not in the matrix is not looked at.
fn assert_complete(database: &Database, schema: &str) {
    let sql = format!(
        "SELECT c.relname::text FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
         WHERE c.relkind IN ('r', 'v', 'p', 'm', 'f') AND c.relnamespace = '{schema}'::regnamespace"
    );
    for row in database.superuser().query(&sql, &[]).unwrap() {
        let relation: String = row.get(0);
        let is_known = RELATIONS.iter().chain(&ELSEWHERE).any(|known| *known == relation);
        assert!(is_known, "{relation} is not in the access matrix");
    }
}

#[test]
fn the_access_matrix_is_that_of_its_model_in_public() {
    let database = Database::create(fixture::shared(), "matrix");
    compare(&database);
    assert_complete(&database, "public");
}

#[test]
fn the_access_matrix_is_that_of_its_model_in_a_schema_of_its_own() {
    let database = Database::create_in(fixture::shared(), "matrix_app", "app");
    compare(&database);
    assert_complete(&database, "app");
}
