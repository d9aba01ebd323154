//! Who there is, what there is, and what may be: the contract, sections 2 to 4, written apart from the policies.

use crate::fixture::id;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Person {
    A,
    ManagerA,
    A1,
    A2,
    InactiveA,
    B,
}
pub use Person::{A, A1, A2, B, InactiveA, ManagerA};

impl Person {
    pub fn id(self) -> String {
        match self {
            B => id(2, 0),
            _ => id(1, self as u32),
        }
    }

    /// The team, as its admin.
    pub fn team(self) -> Self {
        if self == B { B } else { A }
    }

    fn role(self) -> &'static str {
        match self {
            A | B => "admin",
            ManagerA => "manager",
            A1 | A2 | InactiveA => "staff",
        }
    }
}

/// What a role may do with a table.
pub struct Rule {
    pub relation: &'static str,
    pub role: &'static str,
    pub commands: &'static [Command],
}

pub const RULES: [Rule; 4] = [
    Rule { relation: "transactions", role: "staff", commands: &[Select] },
    Rule { relation: "inventory", role: "manager", commands: &[Select, Insert, Update] },
    Rule { relation: "staff", role: "staff", commands: &[] },
    Rule { relation: "parcels", role: "admin", commands: &[Select, Insert] },
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Caller {
    Anon,
    WithoutClaims,
    User(Person),
    ServiceRole,
}
pub use Caller::{Anon, ServiceRole, User, WithoutClaims};

pub const CALLERS: [Caller; 9] =
    [Anon, WithoutClaims, User(A), User(ManagerA), User(A1), User(A2), User(InactiveA), User(B), ServiceRole];
/// Whose row it is. The deactivated member's own is the one that they may still read.
pub const OWNERS: [Person; 4] = [A, A1, InactiveA, B];
const EVERYBODY: [Person; 6] = [A, ManagerA, A1, A2, InactiveA, B];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    Select,
    Insert,
    Update,
    Delete,
}
pub use Command::{Delete, Insert, Select, Update};

pub const COMMANDS: [Command; 4] = [Select, Insert, Update, Delete];
pub const RELATIONS: [&str; 11] = [
    "user_profiles",
    "profiles",
    "team_invitations",
    "team_audit_log",
    "transactions",
    "inventory",
    "staff",
    "parcels",
    "scheduled_jobs",
    "scheduled_job_errors",
    "background_imports",
];

const DONE: &str = "1 row";
const NOT_FOUND: &str = "0 rows";
const DENIED: &str = "42501";
const HAS_DEPENDANTS: &str = "23503";
const NO_SUCH_WAY: &str = "55000";

/// What becomes of a command on a row of that person's.
fn model(caller: Caller, relation: &str, command: Command, owner: Person) -> &'static str {
    let found = |it: bool| if it { DONE } else { NOT_FOUND };
    let permitted = |it: bool| if it { DONE } else { DENIED };
    match (relation, command) {
        // A view of several tables: PostgreSQL says so before it asks who is calling.
        ("background_imports", Insert | Update | Delete) => return NO_SUCH_WAY,
        ("profiles" | "team_invitations" | "team_audit_log", Insert | Update | Delete) => return DENIED,
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
        // Every team's log is for administrators of the database.
        ServiceRole if relation == "team_audit_log" => return DENIED,
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
        ("team_invitations" | "team_audit_log", _) => found(is_admins),
        ("scheduled_jobs", Insert) => permitted(is_of_team),
        ("scheduled_jobs", Delete) => found(is_own || is_admins),
        ("scheduled_jobs", Update) | ("scheduled_job_errors", Insert | Update | Delete) => DENIED,
        (_, Insert) => permitted(is_own),
        _ => found(is_of_team),
    }
}

fn forbids(rules: &[Rule], caller: Caller, relation: &str, command: Command) -> bool {
    let User(person) = caller else { return false };
    let of_caller = |rule: &&Rule| rule.relation == relation && rule.role == person.role();
    rules.iter().find(of_caller).is_some_and(|rule| !rule.commands.contains(&command))
}

/// The same, where there are rules.
pub fn expected_under(
    rules: &[Rule],
    caller: Caller,
    relation: &str,
    command: Command,
    owner: Person,
) -> &'static str {
    match expected(caller, relation, command, owner) {
        DONE if forbids(rules, caller, relation, command) => {
            if command == Insert {
                DENIED
            } else {
                NOT_FOUND
            }
        }
        outcome => outcome,
    }
}

/// What a deactivated member may do to the own profile is more than the model says of everybody: read it.
fn expected(caller: Caller, relation: &str, command: Command, owner: Person) -> &'static str {
    let is_own_profile = caller == User(owner) && ["user_profiles", "profiles"].contains(&relation);
    if is_own_profile && command == Select { DONE } else { model(caller, relation, command, owner) }
}

/// Of a statement without WHERE, which asks no policy but the command's own: as many rows as there are to be found.
pub fn expected_of_all(rules: &[Rule], caller: Caller, relation: &str, command: Command) -> String {
    let owners = if ["user_profiles", "profiles"].contains(&relation) { &EVERYBODY[..] } else { &OWNERS };
    let outcomes = owners.iter().map(|owner| expected_under(rules, caller, relation, command, *owner));
    match outcomes.clone().find(|outcome| ![DONE, NOT_FOUND].contains(outcome)) {
        Some(refusal) => refusal.to_owned(),
        None => rows(outcomes.filter(|outcome| *outcome == DONE).count() as u64),
    }
}

pub fn rows(count: u64) -> String {
    if count == 1 { DONE.to_owned() } else { format!("{count} rows") }
}
