//! The rows that the matrix is about, and the statements that try them.

use super::model::{
    A, A1, A2, B, Command, Delete, InactiveA, Insert, ManagerA, OWNERS, Person, Rule, Select, Update,
};
use crate::fixture::{Database, id};
use std::fmt::Write;

/// The relation's column that says whose a row is, its value for that person, and a column to edit.
fn columns(relation: &str, owner: Person) -> (&'static str, String, &'static str) {
    match relation {
        "user_profiles" | "profiles" => ("id", owner.id(), "full_name"),
        "team_invitations" => ("email", address_of(owner), "role"),
        "team_audit_log" => ("subject", owner.id(), "action"),
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

/// Whom the invitation that stands for this person's row was sent to.
fn address_of(owner: Person) -> String {
    format!("{}@example.com", owner.id())
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
        "team_invitations" => format!("INSERT INTO team_invitations (email, role) VALUES ('{new}', 'staff')"),
        "team_audit_log" => {
            format!("INSERT INTO team_audit_log (subject, action) VALUES ('{person}', 'made up')")
        }
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

pub fn statement(relation: &str, command: Command, owner: Person) -> String {
    let (key, value, column) = columns(relation, owner);
    match command {
        Select => format!("SELECT FROM {relation} WHERE {key} = '{value}'"),
        Insert => insertion(relation, owner),
        Update => format!("UPDATE {relation} SET {column} = 'edited' WHERE {key} = '{value}'"),
        Delete => format!("DELETE FROM {relation} WHERE {key} = '{value}'"),
    }
}

pub fn set_rule(database: &Database, rule: &Rule) {
    let commands: Vec<String> = rule.commands.iter().map(|command| format!("{command:?}")).collect();
    let Rule { relation, role, .. } = rule;
    let commands = commands.join(",");
    let sql = format!("SELECT teamwork.set_table_rule('{relation}', '{role}', commands => '{{{commands}}}')");
    database.superuser().batch_execute(&sql).unwrap();
}

/// One row of each kind for each owner.
pub fn furnish(database: &Database) {
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
        let (person, team, address) = (owner.id(), owner.team().id(), address_of(owner));
        write!(
            sql,
            "INSERT INTO teamwork.invitations (admin_id, email, role, token_hash, expires_at)
             VALUES ('{team}', '{address}', 'staff', sha256('{address}'), now() + interval '1 day');"
        )
        .unwrap();
        write!(sql, "UPDATE scheduled_jobs SET id = '{job}' WHERE created_by = '{person}';").unwrap();
        write!(sql, "{};", insertion("scheduled_job_errors", owner)).unwrap();
    }
    // Of what all this has left in the log, one line for each.
    sql += "DELETE FROM teamwork.audit_log;";
    for owner in OWNERS {
        let (person, team) = (owner.id(), owner.team().id());
        write!(sql, "SELECT teamwork.audit('deactivated', '{team}', '{person}', '{{}}');").unwrap();
    }
    superuser.batch_execute(&sql).unwrap();
}
