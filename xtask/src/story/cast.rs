//! How people come to be, and how many of them there may be.

use anyhow::{Result, ensure};

use super::actor::Actor;
use super::person::{ADMIN, MANAGER, Person, RIVAL, SECOND_STAFF, STAFF};
use super::scene::Scene;

const CHECK_VIOLATION: &str = "23514";

pub fn fill_the_team(scene: &mut Scene<'_>) -> Result<()> {
    let mut admin = register(scene, &ADMIN)?;
    for (member, role) in [(&MANAGER, "manager"), (&STAFF, "staff"), (&SECOND_STAFF, "staff")] {
        admin.ask(scene, &create(member.name, role, &format!("'{}'", member.id)))?;
    }
    let team = admin.ask(scene, "SELECT full_name, role FROM user_profiles ORDER BY role, full_name")?;
    ensure!(team.rows() == 4, "the team has {} members instead of 4", team.rows());
    scene.stage.note("bob registers as well, for a team of his own");
    register(scene, &RIVAL).map(drop)
}

/// Signing up is the application's business (Supabase's, say); the profile is the user's own.
fn register(scene: &Scene<'_>, person: &Person) -> Result<Actor> {
    let Person { name, id } = person;
    let sign_up = format!("INSERT INTO auth.users (id, email) VALUES ('{id}', '{name}@example.com')");
    scene.stage.says("postgres", &sign_up);
    scene.superuser()?.batch_execute(&sign_up)?;
    let mut actor = Actor::introduce(scene, person)?;
    let profile = format!(
        "INSERT INTO user_profiles (id, email, full_name, role)\nVALUES ('{id}', '{name}@example.com', '{name}', 'admin')"
    );
    actor.counts(scene, 1, &profile)?;
    Ok(actor)
}

fn create(name: &str, role: &str, id: &str) -> String {
    format!("SELECT create_team_member('{name}@example.com', '{name}', '{role}', {id})")
}

pub fn meet_the_quota(scene: &mut Scene<'_>) -> Result<()> {
    let mut admin = Actor::enter(scene.cluster, &ADMIN)?;
    let third = admin.refused(scene, &create("tom", "staff", "gen_random_uuid()"))?;
    ensure!(
        third.message == "Maximum 2 staff accounts allowed per admin",
        "the wrong words: {}",
        third.message
    );
    ensure!(third.code == CHECK_VIOLATION, "the wrong SQLSTATE: {}", third.code);

    scene.stage.note("and by no other way: a plain INSERT meets the same limit");
    let insert = format!(
        "INSERT INTO user_profiles (id, email, full_name, role, admin_id)\nVALUES (gen_random_uuid(), 'mia@example.com', 'mia', 'manager', '{}')",
        ADMIN.id
    );
    let second = admin.refused(scene, &insert)?;
    ensure!(
        second.message == "Maximum 1 manager account allowed per admin",
        "the wrong words: {}",
        second.message
    );
    ensure!(second.code == CHECK_VIOLATION, "the wrong SQLSTATE: {}", second.code);
    let usage = admin.ask(scene, "SELECT * FROM team_usage()")?;
    ensure!(usage.rows() > 0, "team_usage() is empty");
    Ok(())
}
